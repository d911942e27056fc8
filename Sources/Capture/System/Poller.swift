import Glibc

/// Waits until one of a few descriptors can be used: poll(2).
public enum Poller {
    /// What to wait for, and what came.
    public struct Events: OptionSet, Sendable, Hashable {
        public let rawValue: Int16

        public init(rawValue: Int16) { self.rawValue = rawValue }

        public static let readable = Events(rawValue: Int16(POLLIN))
        public static let writable = Events(rawValue: Int16(POLLOUT))
        /// The other side is gone; what it had written may still be read. Always reported.
        public static let hungUp = Events(rawValue: Int16(POLLHUP))
        /// Always reported.
        public static let failed = Events(rawValue: Int16(POLLERR) | Int16(POLLNVAL))
    }

    /// A descriptor and what is asked of it.
    public struct Interest: Sendable {
        public var descriptor: Descriptor
        public var events: Events

        public init(_ descriptor: Descriptor, _ events: Events) {
            self.descriptor = descriptor
            self.events = events
        }
    }

    /// Waits and gives for each interest what came; all empty when the time is over. A signal does not end the wait.
    ///
    /// A descriptor asked for nothing (`[]`) is still told of its end; leave it out of the list to ignore it.
    public static func wait(for interests: [Interest], timeout: Duration?) throws(SystemError) -> [Events] {
        var list = interests.map { pollfd(fd: $0.descriptor.number, events: $0.events.rawValue, revents: 0) }
        let deadline = timeout.map { ContinuousClock.now + $0 }
        while true {
            let left = deadline.map { milliseconds(until: $0) } ?? -1
            let count = poll(&list, nfds_t(list.count), left)
            if count >= 0 { break }
            if errno != EINTR { throw .last("wait for input") }
        }
        return list.map { Events(rawValue: $0.revents) }
    }

    /// Rounded up, so that a wait never ends before its time.
    private static func milliseconds(until deadline: ContinuousClock.Instant) -> CInt {
        let left = max(.zero, deadline - ContinuousClock.now)
        let (seconds, attoseconds) = left.components
        if seconds > 1_000_000 { return 1_000_000_000 }
        return CInt(seconds) * 1000 + CInt((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
