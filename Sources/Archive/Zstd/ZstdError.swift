import CZstd

/// Why bytes could not be packed or unpacked.
public struct ZstdError: Error, Sendable, CustomStringConvertible {
    /// What kind of thing went wrong; open, so that kinds can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped: String { case damaged, tooLarge, failed }
        private let wrapped: Wrapped

        /// The bytes are no whole frame, or not of this prefix.
        public static let damaged = Code(wrapped: .damaged)
        /// Unpacked they would be more than is allowed.
        public static let tooLarge = Code(wrapped: .tooLarge)
        /// The library could not do it: no memory.
        public static let failed = Code(wrapped: .failed)

        public var description: String { wrapped.rawValue }
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }

    /// The error a result of the library stands for; nil if it is none.
    init?(_ code: Code, result: Int) {
        guard ZSTD_isError(result) != 0 else { return nil }
        self.init(code, ZSTD_getErrorName(result).map { String(cString: $0) } ?? "unknown")
    }
}
