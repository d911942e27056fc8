/// One value of a table: a header of a message, an argument of a queue.
///
/// Every integer width a peer may use arrives as `int` (or `unsigned`, above `Int64.max`) and both float widths as
/// `double`; they leave as 64 bits. Kinds and their letters: RabbitMQ's "AMQP 0-9-1 Errata", section 3.
public enum AMQPValue: Hashable, Sendable {
    case void
    case bool(Bool)
    case int(Int64)
    /// Only for what `int` cannot hold.
    case unsigned(UInt64)
    case double(Double)
    /// `value` divided by ten to the power of `scale`.
    case decimal(scale: UInt8, value: UInt32)
    /// A long string that is valid UTF-8.
    case string(String)
    /// A byte array, or a long string that is no UTF-8.
    case bytes([UInt8])
    /// Whole seconds since 1970.
    case timestamp(UInt64)
    case array([AMQPValue])
    case table([String: AMQPValue])

    /// The text, if this is a string.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The number, if this is an integer that fits.
    public var int: Int64? {
        switch self {
        case .int(let number): number
        case .unsigned(let number): Int64(exactly: number)
        default: nil
        }
    }

    /// The truth value, if this is one.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }
}

/// Headers or arguments by name. Of two entries of one name the first counts, as in the broker.
public typealias AMQPTable = [String: AMQPValue]

extension AMQPValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}
