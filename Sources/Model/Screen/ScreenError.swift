/// Why bytes are not an encoded screen.
public struct ScreenError: Error, Sendable, CustomStringConvertible {
    /// What kind of thing is wrong; open, so that kinds can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped: String { case malformed, version, limit }
        private let wrapped: Wrapped

        /// The bytes do not have the form, or end too early.
        public static let malformed = Code(wrapped: .malformed)
        /// The form is of a version this program does not know.
        public static let version = Code(wrapped: .version)
        /// Something is larger than a screen may be.
        public static let limit = Code(wrapped: .limit)

        public var description: String { wrapped.rawValue }
    }

    public var code: Code
    /// What is wrong, in words for a person.
    public var message: String
    /// Byte offset in the encoded form at which it was noticed.
    public var offset: Int
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, at offset: Int, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.offset = offset
        self.underlying = underlying
    }

    public var description: String { "\(message) (at byte \(offset))" }
}
