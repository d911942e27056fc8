/// Why the archive could not do what was asked.
public struct ArchiveError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure; open, so that kinds can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped: String { case unreachable, full, damaged, missing, refused, failed }
        private let wrapped: Wrapped

        /// The file cannot be opened or is not an archive of a known version.
        public static let unreachable = Code(wrapped: .unreachable)
        /// The disk is full or the file cannot grow.
        public static let full = Code(wrapped: .full)
        /// What is stored is not what was written.
        public static let damaged = Code(wrapped: .damaged)
        /// There is no such session, source or moment.
        public static let missing = Code(wrapped: .missing)
        /// It may not be done now, for example removing a session that is being recorded.
        public static let refused = Code(wrapped: .refused)
        public static let failed = Code(wrapped: .failed)

        public var description: String { wrapped.rawValue }

        private init(wrapped: Wrapped) { self.wrapped = wrapped }
        /// The code of this name; `failed` for one this program does not know.
        public init(name: String) { wrapped = Wrapped(rawValue: name) ?? .failed }
    }

    public var code: Code
    public var message: String
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    public var description: String { message }
}
