/// Why a session cannot go where somebody asks.
public struct DestinationError: Error, Sendable, CustomStringConvertible {
    /// What kind of thing is wrong; open, so that kinds can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped: String { case malformed, noBroker, otherBroker }
        private let wrapped: Wrapped

        /// The text or the event names no destination.
        public static let malformed = Code(wrapped: .malformed)
        /// Something is to be sent, and nothing says where.
        public static let noBroker = Code(wrapped: .noBroker)
        /// The session already goes to another broker.
        public static let otherBroker = Code(wrapped: .otherBroker)

        public var description: String { wrapped.rawValue }
    }

    public var code: Code
    /// What is wrong, in words for a person.
    public var message: String
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    public var description: String { message }
}
