import Glibc

/// A call of the operating system that failed.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which kind of failure; open, equal to an `errno` value.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let errno: CInt

        public init(errno: CInt) { self.errno = errno }

        public static let noSuchFile = Code(errno: ENOENT)
        public static let exists = Code(errno: EEXIST)
        public static let notAllowed = Code(errno: EACCES)
        public static let wouldBlock = Code(errno: EAGAIN)
        public static let closed = Code(errno: EBADF)
        public static let brokenPipe = Code(errno: EPIPE)
        public static let refused = Code(errno: ECONNREFUSED)
        public static let addressInUse = Code(errno: EADDRINUSE)
        public static let inputOutput = Code(errno: EIO)
        public static let noSpace = Code(errno: ENOSPC)
        public static let timedOut = Code(errno: ETIMEDOUT)
        public static let tooLong = Code(errno: ENAMETOOLONG)
        public static let noSuchProcess = Code(errno: ESRCH)
        public static let notATerminal = Code(errno: ENOTTY)

        /// The system's own words for it.
        public var description: String {
            guard let text = strerror(errno) else { return "error \(errno)" }
            return String(cString: text)
        }
    }

    public var code: Code
    /// What was tried, in words for a person: `open /dev/pts/3`.
    public var call: String

    public init(_ code: Code, _ call: String) {
        self.code = code
        self.call = call
    }

    public var description: String { "cannot \(call): \(code)" }

    /// The failure the last call of this thread left behind.
    static func last(_ call: String) -> SystemError { SystemError(Code(errno: Glibc.errno), call) }
}

/// Repeats a call that a signal broke off, and makes an error of −1.
func retrying(_ call: @autoclosure () -> String, _ body: () -> CInt) throws(SystemError) -> CInt {
    while true {
        let result = body()
        if result >= 0 { return result }
        if errno != EINTR { throw .last(call()) }
    }
}
