import Glibc
import Synchronization

/// Ends calls into the library that never return: 0.11 waits for ever for a peer that takes nothing and says nothing.
///
/// Shutting the socket down is the only thing another thread may do to a connection; the call then fails. One thread
/// for all connections of the process, and none while there is no connection.
final class Watchdog: Sendable {
    static let shared = Watchdog()

    private struct State {
        var all: [Watched] = []
        /// Whether its thread is there.
        var runs = false
    }

    private let watched = Guarded(State())

    fileprivate func add(_ new: Watched) {
        let starts = watched.withLock { watched in
            watched.all.append(new)
            let starts = !watched.runs
            watched.runs = true
            return starts
        }
        guard starts else { return }
        if !OwnThread.start(name: "amqp-watch", { self.run() }) { watched.withLock { $0.runs = false } }
    }

    fileprivate func remove(_ old: Watched) { watched.withLock { $0.all.removeAll { $0 === old } } }

    private func run() {
        while true {
            usleep(250_000)
            let left = watched.withLock {
                if $0.all.isEmpty { $0.runs = false }
                return $0.all
            }
            if left.isEmpty { return }
            for one in left { one.look() }
        }
    }
}

/// One connection under watch. `enter` and `leave` are its own thread's.
final class Watched: Sendable {
    /// When the call under way must have ended, in nanoseconds of the monotonic clock; 0: none is.
    private let deadline = Atomic<Int64>(0)
    private let hasFired = Atomic<Bool>(false)
    /// A descriptor of its own: the library closes its one as it likes, and the number is used again.
    private let socket = Guarded<Int32>(-1)

    /// Whether it ended a call.
    var fired: Bool { hasFired.load(ordering: .relaxed) }

    func watch(_ descriptor: Int32) {
        socket.withLock { $0 = fcntl(descriptor, F_DUPFD_CLOEXEC, 0) }
        Watchdog.shared.add(self)
    }

    func forget() {
        Watchdog.shared.remove(self)
        socket.withLock {
            if $0 >= 0 { close($0) }
            $0 = -1
        }
    }

    func enter(limit: Duration) {
        let (seconds, attoseconds) = limit.components
        deadline.store(Ticks.now() + seconds * 1_000_000_000 + attoseconds / 1_000_000_000, ordering: .relaxed)
    }

    func leave() { deadline.store(0, ordering: .relaxed) }

    /// Ends whatever is under way.
    func abort() { socket.withLock { if $0 >= 0 { shutdown($0, Int32(SHUT_RDWR)) } } }

    fileprivate func look() {
        let deadline = deadline.load(ordering: .relaxed)
        guard deadline != 0, Ticks.now() > deadline else { return }
        hasFired.store(true, ordering: .relaxed)
        abort()
    }
}

/// Nanoseconds of the monotonic clock.
enum Ticks {
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func after(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        // A century is for ever.
        return now() + min(seconds, 3_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
