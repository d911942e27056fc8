/// Why a private node or one of RabbitMQ's tools did not do what was asked.
public struct NodeError: Error, Sendable, CustomStringConvertible {
    /// What kind of thing is wrong; open, so that kinds can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped: String { case notInstalled, notRunning, portTaken, failed, timeout, files, refused }
        private let wrapped: Wrapped

        /// RabbitMQ, Erlang or curl is not on this machine.
        public static let notInstalled = Code(wrapped: .notInstalled)
        /// There is no such node, or it is stopped.
        public static let notRunning = Code(wrapped: .notRunning)
        /// Another program listens where the node has to.
        public static let portTaken = Code(wrapped: .portTaken)
        /// The node ended instead of coming up, or a tool says no.
        public static let failed = Code(wrapped: .failed)
        /// It did not answer in time.
        public static let timeout = Code(wrapped: .timeout)
        /// Its directory cannot be read or written.
        public static let files = Code(wrapped: .files)
        /// The login is wrong, or may not do this.
        public static let refused = Code(wrapped: .refused)

        public var description: String { wrapped.rawValue }
    }

    public var code: Code
    /// What is wrong and what to do, in words for a person; never holds a password.
    public var message: String
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    public var description: String { message }
}
