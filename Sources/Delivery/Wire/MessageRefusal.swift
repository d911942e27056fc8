/// Why a received message is not taken; it goes to quarantine with these words.
public struct MessageRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of thing is wrong; open, so that kinds can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped: String { case key, user, place, laundered, size, version, headers, body, poison }
        private let wrapped: Wrapped

        /// The routing key is not `<user>.<session>.<kind>.<source>`.
        public static let key = Code(wrapped: .key)
        /// The broker vouches for nobody, or for somebody else than the key names.
        public static let user = Code(wrapped: .user)
        /// Session or source of the body are not those of the key.
        public static let place = Code(wrapped: .place)
        /// It came another way than straight: copied to other keys, or through a dead-letter exchange.
        public static let laundered = Code(wrapped: .laundered)
        public static let size = Code(wrapped: .size)
        public static let version = Code(wrapped: .version)
        /// A header is missing, or says other than the body.
        public static let headers = Code(wrapped: .headers)
        /// The bytes are not what the type says.
        public static let body = Code(wrapped: .body)
        /// Whoever reads it dies of it.
        public static let poison = Code(wrapped: .poison)

        public var description: String { wrapped.rawValue }
    }

    public var code: Code
    /// What is wrong, in words for a person.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code): \(message)" }
}
