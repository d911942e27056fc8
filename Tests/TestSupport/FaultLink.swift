import Foundation
import Glibc
import Synchronization

/// One connection through a `FaultProxy`, carried by a thread for each direction.
final class FaultLink: Sendable {
    private let client: CInt
    private let server: CInt
    private let cut: FaultCut?
    private let behaviour: @Sendable () -> FaultBehaviour?
    private let made: @Sendable (FaultCut) -> Void
    private let tap: @Sendable (FaultDirection, ArraySlice<UInt8>) -> Void
    private let state = Mutex(State())

    private struct State {
        var ending: FaultEnd?
        var carried: [FaultDirection: Int] = [:]
        var running = 2
    }

    /// - Parameters:
    ///   - made: called when the cut is carried out.
    ///   - tap: called with all that comes.
    init(
        client: CInt, server: CInt, cut: FaultCut?, behaviour: @escaping @Sendable () -> FaultBehaviour?,
        made: @escaping @Sendable (FaultCut) -> Void,
        tap: @escaping @Sendable (FaultDirection, ArraySlice<UInt8>) -> Void
    ) {
        self.client = client
        self.server = server
        self.cut = cut
        self.behaviour = behaviour
        self.made = made
        self.tap = tap
        for socket in [client, server] {
            _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
            Loopback.setNoDelay(socket)
        }
    }

    func start() {
        for direction in FaultDirection.allCases {
            let thread = Thread { [self] in
                carry(direction)
                let isLast = state.withLock { state in
                    state.running -= 1
                    return state.running == 0
                }
                if isLast { close() }
            }
            thread.stackSize = 256 << 10
            thread.start()
        }
    }

    /// Both threads see it within a few milliseconds.
    func end(_ how: FaultEnd) { state.withLock { if $0.ending == nil { $0.ending = how } } }

    var hasEnded: Bool { state.withLock { $0.running == 0 } }
    func carried(_ direction: FaultDirection) -> Int { state.withLock { $0.carried[direction] ?? 0 } }

    private var ending: FaultEnd? { state.withLock { $0.ending } }

    private func close() {
        if ending == .reset {
            for socket in [client, server] { Loopback.reset(socket) }
            return
        }
        for socket in [client, server] { shutdown(socket, CInt(SHUT_WR)) }
        // Closed with bytes unread, a socket sends RST after all.
        let deadline = ContinuousClock.now + .seconds(2)
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        for socket in [client, server] {
            while ContinuousClock.now < deadline {
                guard Loopback.wait(socket, POLLIN, milliseconds: 5) else { continue }
                if recv(socket, &buffer, buffer.count, 0) <= 0 { break }
            }
        }
        for socket in [client, server] { _ = Glibc.close(socket) }
    }

    private func carry(_ direction: FaultDirection) {
        let (from, to) = direction == .toServer ? (client, server) : (server, client)
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var hasLost = false
        while ending == nil {
            guard Loopback.wait(from, POLLIN, milliseconds: 5) else { continue }
            guard let now = behaviour() else { return end(.reset) }
            if now.stalls.contains(direction) {
                usleep(5000)
                continue
            }
            if cutIfDue(direction) { return }
            var most = now.bytesPerSecond.map { max(1, min(buffer.count, $0 / 20)) } ?? buffer.count
            if let cut, cut.direction == direction { most = min(most, cut.bytes - carried(direction)) }
            let count = recv(from, &buffer, most, 0)
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            hasLost = hasLost || now.swallows.contains(direction)
            if count <= 0 {
                // Whoever cannot hear the other side does not hear its end either.
                if hasLost { return }
                if count == 0 { shutdown(to, CInt(SHUT_WR)) } else { end(.reset) }
                return
            }
            tap(direction, buffer[..<count])
            if now.latency > .zero { sleep(now.latency) }
            if !hasLost, !pass(buffer[..<count], to, now) { return end(.reset) }
            state.withLock { $0.carried[direction, default: 0] += count }
            if let rate = now.bytesPerSecond { sleep(.seconds(1) * count / max(1, rate)) }
            if cutIfDue(direction) { return }
        }
    }

    private func cutIfDue(_ direction: FaultDirection) -> Bool {
        guard let cut, cut.direction == direction, carried(direction) >= cut.bytes else { return false }
        if ending == nil { made(cut) }
        end(cut.how)
        return true
    }

    /// False if the other side is gone.
    private func pass(_ bytes: ArraySlice<UInt8>, _ to: CInt, _ behaviour: FaultBehaviour) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            if ending != nil { return true }
            let piece = rest.prefix(behaviour.slice ?? rest.count)
            let count = piece.withUnsafeBytes { send(to, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                _ = Loopback.wait(to, POLLOUT, milliseconds: 5)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    private func sleep(_ duration: Duration) {
        let deadline = ContinuousClock.now + duration
        while ending == nil, ContinuousClock.now < deadline { usleep(1000) }
    }
}

/// Sockets of 127.0.0.1.
enum Loopback {
    struct Failure: Error { var description: String }

    static func listen(on host: String = "127.0.0.1") throws -> (socket: CInt, port: UInt16) {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0, withAddress(0, on: host, { bind(listener, $0, $1) }) == 0, Glibc.listen(listener, 512) == 0
        else {
            throw Failure(description: "cannot listen on \(host): \(String(cString: strerror(errno)))")
        }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    static func connect(_ port: UInt16) -> CInt? {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        if withAddress(port, { Glibc.connect(descriptor, $0, $1) }) == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// Closes with RST instead of FIN.
    static func reset(_ socket: CInt) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close(socket)
    }

    static func setNoDelay(_ socket: CInt) {
        var on: CInt = 1
        setsockopt(socket, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
    }

    static func wait(_ socket: CInt, _ events: CInt, milliseconds: CInt) -> Bool {
        var list = [pollfd(fd: socket, events: Int16(events), revents: 0)]
        return poll(&list, 1, milliseconds) > 0
    }

    private static func withAddress(
        _ port: UInt16, on host: String = "127.0.0.1", _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// A port of 127.0.0.1 that nobody listens on now.
public func freePort() throws -> UInt16 {
    let (listener, port) = try Loopback.listen()
    close(listener)
    return port
}
