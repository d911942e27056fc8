/// Why a stored body cannot be read or written.
public struct SealingError: Error, Sendable, CustomStringConvertible {
    /// What kind of thing is wrong; open, so that kinds can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped: String { case form, packing, content, chain }
        private let wrapped: Wrapped

        /// The first byte names a form this program does not know.
        public static let form = Code(wrapped: .form)
        /// It cannot be packed or unpacked.
        public static let packing = Code(wrapped: .packing)
        /// What was packed is no batch, block or state.
        public static let content = Code(wrapped: .content)
        /// A keyframe without those it builds on.
        public static let chain = Code(wrapped: .chain)

        public var description: String { wrapped.rawValue }
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
