/// Why a terminal cannot be recorded.
public struct TerminalError: Error, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped: String { case nested, system }
        private let wrapped: Wrapped

        /// This process is in a terminal that is being recorded already.
        public static let nested = Code(wrapped: .nested)
        /// A call of the operating system failed; see `underlying`.
        public static let system = Code(wrapped: .system)

        public var description: String { wrapped.rawValue }
    }

    public var code: Code
    public var message: String
    public var underlying: SystemError?

    public init(_ code: Code, _ message: String, underlying: SystemError? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    init(_ error: SystemError) { self.init(.system, error.description, underlying: error) }

    public var description: String { message }
}
