/// Why an event or a kept state does not fit the model it is applied to.
public struct ModelError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of thing does not fit; open, so that kinds can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped: String { case range, unknown, content, hash, state }
        private let wrapped: Wrapped

        /// An offset or a length outside the text.
        public static let range = Code(wrapped: .range)
        /// A document or terminal that was never opened.
        public static let unknown = Code(wrapped: .unknown)
        /// A content whose pieces are missing or broken.
        public static let content = Code(wrapped: .content)
        /// A text whose hash differs from the one its source gave.
        public static let hash = Code(wrapped: .hash)
        /// A kept state that cannot be read.
        public static let state = Code(wrapped: .state)

        public var description: String { wrapped.rawValue }
    }

    public var code: Code
    /// What does not fit, in words for a person.
    public var message: String
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    public var description: String { message }

    /// Whether code and message agree; the underlying errors are not compared.
    public static func == (a: ModelError, b: ModelError) -> Bool { a.code == b.code && a.message == b.message }
}
