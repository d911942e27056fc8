import Dispatch
import EventSchema
import Foundation
import Logging
import Synchronization

/// Lets the index follow the archive, a little behind it and never in its way: on a thread that gives way to the
/// others, and not while a backlog is being stored.
public final class IndexService: Sendable {
    /// Commits within this time are projected together.
    static let delay = Duration.milliseconds(50)
    /// A backlog is over when nothing more of it came for so long; for the longest of these times it is waited for.
    static let backlog = (pause: Duration.milliseconds(200), most: Duration.seconds(10))

    private struct Plan {
        /// When it is to follow; nil: nothing is planned.
        var due: ContinuousClock.Instant?
        /// The oldest wish.
        var since = ContinuousClock.now
    }

    private let lock = NSLock()
    /// Only ever touched with `lock` held: a projector is not thread-safe.
    private nonisolated(unsafe) let projector: IndexProjector
    private let follower: Follower
    private let plan = Mutex(Plan())
    private let timer = DispatchQueue(label: "playhead.index")
    private let logger: Logger

    /// - Throws: `ArchiveError` if the index cannot be opened or made.
    public init(home: ArchiveHome, logger: Logger) throws(ArchiveError) {
        projector = try IndexProjector(home: home)
        self.logger = logger
        follower = Follower()
        follower.start { [weak self] in self?.followBehind() }
    }

    deinit { follower.stop() }

    /// Follows soon.
    ///
    /// - Parameter inBacklog: whether more is about to be stored, and the machine is better used for that.
    public func follow(inBacklog: Bool = false) {
        let now = ContinuousClock.now
        let isNew = plan.withLock { plan in
            let isNew = plan.due == nil
            if isNew { plan.since = now }
            let due = inBacklog ? min(now + Self.backlog.pause, plan.since + Self.backlog.most) : now + Self.delay
            if isNew || inBacklog { plan.due = due }
            return isNew
        }
        if isNew { lookLater(inBacklog ? Self.backlog.pause : Self.delay) }
    }

    private func lookLater(_ delay: Duration) {
        let microseconds = Int(clamping: delay.wholeMicroseconds)
        timer.asyncAfter(deadline: .now() + .microseconds(microseconds)) { [weak self] in self?.look() }
    }

    private func look() {
        let left = plan.withLock { plan -> Duration? in
            guard let due = plan.due, due > .now else {
                plan.due = nil
                return nil
            }
            return due - .now
        }
        if let left { lookLater(left) } else { follower.wake() }
    }

    /// Follows, and comes back when it has.
    public func followNow() throws(ArchiveError) {
        try perform { (projector) throws(ArchiveError) in _ = try projector.catchUp() }
    }

    /// Deletes the index and fills it again.
    public func rebuild() throws(ArchiveError) {
        try perform { (projector) throws(ArchiveError) in try projector.rebuild() }
    }

    /// Takes a session out of the index.
    public func remove(_ session: SessionID) throws(ArchiveError) {
        try perform { (projector) throws(ArchiveError) in try projector.remove(session) }
    }

    /// On the follower's thread: a step at a time, so that whoever cannot wait comes between.
    private func followBehind() {
        do throws(ArchiveError) {
            var wasRemade = false
            var count = IndexProjector.step
            while count == IndexProjector.step {
                count = try perform { (projector) throws(ArchiveError) in try projector.step(&wasRemade) }
            }
        } catch {
            logger.error("the index does not follow: \(error)")
        }
    }

    private func perform<R>(_ body: (IndexProjector) throws(ArchiveError) -> R) throws(ArchiveError) -> R {
        lock.lock()
        defer { lock.unlock() }
        return try body(projector)
    }
}

/// A thread of the lowest priority that does one thing whenever it is woken.
private final class Follower: Sendable {
    private let wakeups = DispatchSemaphore(value: 0)
    private let isStopped = Mutex(false)

    func start(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread { [wakeups, self] in
            // On Linux this is the thread's alone.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
            while true {
                wakeups.wait()
                if isStopped.withLock({ $0 }) { return }
                body()
            }
        }
        thread.name = "index"
        thread.start()
    }

    func wake() { wakeups.signal() }

    func stop() {
        isStopped.withLock { $0 = true }
        wakeups.signal()
    }
}
