/// Why bytes or text from outside are not an event, a batch or a sealed block.
public struct SchemaError: Error, Sendable, CustomStringConvertible {
    /// What kind of thing is wrong; open, so that kinds can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped: String { case malformed, version, limit, value }
        private let wrapped: Wrapped

        /// The bytes do not have the form at all.
        public static let malformed = Code(wrapped: .malformed)
        /// The form is of a version this program does not know.
        public static let version = Code(wrapped: .version)
        /// Something is larger than the schema allows.
        public static let limit = Code(wrapped: .limit)
        /// A field has a value it must not have.
        public static let value = Code(wrapped: .value)

        public var description: String { wrapped.rawValue }
    }

    public var code: Code
    /// What is wrong, in words for a person.
    public var message: String
    /// Where: a field path (`events[3].edit.offset`) or a byte offset (`byte 120`); empty if the whole.
    public var place: String
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, at place: String = "", underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.place = place
        self.underlying = underlying
    }

    public var description: String { place.isEmpty ? message : "\(message) (at \(place))" }
}
