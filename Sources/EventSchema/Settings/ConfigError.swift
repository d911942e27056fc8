/// What is wrong in a configuration file.
public struct ConfigError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure; open, so that kinds can be added.
    public struct Code: Sendable, Hashable {
        private enum Wrapped { case malformed, unsupported, unreadable, unwritable }
        private let wrapped: Wrapped
        /// Not TOML.
        public static let malformed = Code(wrapped: .malformed)
        /// TOML, but not of the part that is read here, or of another type than the setting has.
        public static let unsupported = Code(wrapped: .unsupported)
        public static let unreadable = Code(wrapped: .unreadable)
        public static let unwritable = Code(wrapped: .unwritable)
    }

    public var code: Code
    /// From 1; nil where it is about the whole file.
    public var line: Int?
    public var message: String
    public var underlying: (any Error)?

    public init(_ code: Code, line: Int? = nil, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.line = line
        self.message = message
        self.underlying = underlying
    }

    public var description: String { line.map { "line \($0): \(message)" } ?? message }
}
