/// Why a file cannot be imported: which file, where in it, and the reason. The archive is unchanged.
public struct ImportError: Error, Sendable, CustomStringConvertible {
    /// What kind of thing is wrong; open, so that kinds can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped: String { case malformed, unsupported, limit }
        private let wrapped: Wrapped

        /// The file is not what it says it is, or is damaged.
        public static let malformed = Code(wrapped: .malformed)
        /// The format, or its version, is not one that can be imported.
        public static let unsupported = Code(wrapped: .unsupported)
        /// The file is too large.
        public static let limit = Code(wrapped: .limit)

        public var description: String { wrapped.rawValue }
    }

    public var code: Code
    /// The name of the file as the person gave it.
    public var file: String
    /// The line in the unpacked file, from 1; nil if it is about the whole.
    public var line: Int?
    /// What is wrong, in words for a person.
    public var reason: String

    public init(_ code: Code = .malformed, file: String, line: Int? = nil, _ reason: String) {
        self.code = code
        self.file = file
        self.line = line
        self.reason = reason
    }

    public var description: String { line.map { "\(file):\($0): \(reason)" } ?? "\(file): \(reason)" }
}
