import CRabbitMQ
import Glibc

/// Ends a thread's wait from another thread.
final class Wakeup: Sendable {
    private let event: Int32

    init() { event = rmq_eventfd() }

    deinit { if event >= 0 { close(event) } }

    func signal() {
        var one: UInt64 = 1
        _ = write(event, &one, 8)
    }

    private func clear() {
        var count: UInt64 = 0
        _ = read(event, &count, 8)
    }

    /// Waits for a signal, for `socket` to have something to read (or room to write), or for the time to pass.
    ///
    /// - Parameters:
    ///   - socket: -1 waits for the signal only.
    ///   - milliseconds: negative waits for ever.
    /// - Returns: whether the socket has room.
    func wait(socket: Int32, forRoom: Bool, milliseconds: Int32) -> Bool {
        var polled = (
            pollfd(fd: event, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(forRoom ? POLLIN | POLLOUT : POLLIN), revents: 0)
        )
        // Without an event descriptor (none left in the process) a wait is a short sleep.
        let time = event < 0 ? min(milliseconds < 0 ? 50 : milliseconds, 50) : milliseconds
        _ = withUnsafeMutableBytes(of: &polled) { poll($0.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, time) }
        if polled.0.revents != 0 { clear() }
        return polled.1.revents & Int16(POLLOUT) != 0
    }

    /// Whether the kernel has room for a few more messages on `socket`.
    static func hasRoom(_ socket: Int32) -> Bool {
        var polled = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
        return poll(&polled, 1, 0) > 0
    }
}
