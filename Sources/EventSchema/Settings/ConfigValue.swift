/// A value of a configuration file.
public enum ConfigValue: Sendable, Equatable {
    case string(String)
    case strings([String])
    case integer(Int64)
    case number(Double)
    case boolean(Bool)

    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var strings: [String]? { if case .strings(let value) = self { value } else { nil } }
    public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    /// Whole numbers are numbers too.
    public var number: Double? {
        switch self {
        case .number(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// As it is written in a file.
    public var written: String {
        switch self {
        case .string(let value): Self.quoted(value)
        case .strings(let values): "[\(values.map(Self.quoted).joined(separator: ", "))]"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .boolean(let value): "\(value)"
        }
    }

    /// A basic string of TOML.
    public static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\r": out += "\\r"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
