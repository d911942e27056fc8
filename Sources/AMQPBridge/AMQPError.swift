/// Why a broker could not be reached, refused something, or hung up.
public struct AMQPError: Error, Sendable, CustomStringConvertible {
    /// What kind of thing is wrong; open, so that kinds can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped: String {
            case url, unreachable, timeout, tls, login, refused, missing, mismatch, tooLarge, busy, closed, broker,
                violation
        }
        private let wrapped: Wrapped

        /// The text is no AMQP URL.
        public static let url = Code(wrapped: .url)
        /// No connection: no such host, nobody listening, the line broke.
        public static let unreachable = Code(wrapped: .unreachable)
        /// The broker did not answer in time.
        public static let timeout = Code(wrapped: .timeout)
        /// The other side could not prove who it is, or speaks no TLS.
        public static let tls = Code(wrapped: .tls)
        /// The broker does not know the user, or the password is another one.
        public static let login = Code(wrapped: .login)
        /// The user may not do what was asked for.
        public static let refused = Code(wrapped: .refused)
        /// No such virtual host, exchange or queue.
        public static let missing = Code(wrapped: .missing)
        /// It is there, but declared otherwise.
        public static let mismatch = Code(wrapped: .mismatch)
        /// A message, a header table or a name is larger than the broker takes.
        public static let tooLarge = Code(wrapped: .tooLarge)
        /// In use by another connection.
        public static let busy = Code(wrapped: .busy)
        /// The broker closed the connection in an orderly way, for example because it stops.
        public static let closed = Code(wrapped: .closed)
        /// The broker failed inside, or lacks memory or disk.
        public static let broker = Code(wrapped: .broker)
        /// One side broke the protocol.
        public static let violation = Code(wrapped: .violation)

        /// Whether the same attempt may succeed later without anybody changing anything.
        public var isRetryable: Bool {
            switch wrapped {
            case .unreachable, .timeout, .busy, .closed, .broker: true
            case .url, .tls, .login, .refused, .missing, .mismatch, .tooLarge, .violation: false
            }
        }

        public var description: String { wrapped.rawValue }
    }

    public var code: Code
    /// What is wrong, in words for a person; never holds a password.
    public var message: String
    /// Where in the text, for a URL (`character 12`); else empty.
    public var place: String
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, at place: String = "", underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.place = place
        self.underlying = underlying
    }

    /// The error of a `connection.close` or `channel.close` with this reply code (AMQP 0-9-1, section 1.2 "Constants").
    public init(replyCode: UInt16, text: String) {
        let code: Code =
            switch replyCode {
            case 311: .tooLarge
            case 320: .closed
            case 402, 404: .missing
            case 403, 530: .refused
            case 405: .busy
            case 406: .mismatch
            case 506, 541: .broker
            default: .violation
            }
        self.init(code, "the broker says \(replyCode) \(text)")
    }

    public var isRetryable: Bool { code.isRetryable }

    public var description: String { place.isEmpty ? message : "\(message) (at \(place))" }
}
