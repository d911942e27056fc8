/// Reads the part of TOML 1.0 that settings need: tables, dotted and quoted keys, strings of one line, whole and
/// decimal numbers, booleans, arrays of strings. What else TOML has is refused by name, and so is every mistake, with
/// its line. Remembers where everything stands, so that a file can be changed without losing a comment.
struct ConfigReader {
    struct Entry: Sendable, Equatable {
        /// Tables and key, from the outside in.
        var path: [String]
        /// The table under whose heading it stands.
        var table: [String]
        var value: ConfigValue
        var line: Int
        var valueRange: Range<Int>
        /// Of an array: where each string stands, and the comma behind it.
        var elements: [(range: Range<Int>, comma: Int?)] = []

        static func == (a: Entry, b: Entry) -> Bool { a.path == b.path && a.value == b.value }
    }

    struct Heading: Sendable, Equatable {
        var path: [String]
        var line: Int
        var end: Int
    }

    private let bytes: [UInt8]
    private var place = 0
    private var line = 1
    private var table: [String] = []
    private(set) var entries: [Entry] = []
    private(set) var headings: [Heading] = []
    /// What each path is: a value, a table with a heading, one that dotted keys made, one that only holds others.
    private enum Role { case value, headed, dotted, implied }
    private var roles: [[String]: Role] = [:]

    /// No file may be larger, in bytes.
    static let largest = 1 << 20

    init(_ bytes: [UInt8]) throws(ConfigError) {
        guard bytes.count <= Self.largest else { throw ConfigError(.unsupported, "more than \(Self.largest) bytes") }
        self.bytes = bytes
        guard String(validating: bytes, as: UTF8.self) != nil else { throw ConfigError(.malformed, "not UTF-8") }
        while place < bytes.count {
            skipSpaces()
            switch peek {
            case nil: break
            case UInt8(ascii: "#"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): try endLine()
            case UInt8(ascii: "["): try readHeading()
            default: try readEntry()
            }
        }
    }

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private func malformed(_ message: String) -> ConfigError { ConfigError(.malformed, line: line, message) }
    private func unsupported(_ message: String) -> ConfigError { ConfigError(.unsupported, line: line, message) }

    private mutating func skipSpaces() {
        while let byte = peek, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { place += 1 }
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: byte) else { return false }
        place += 1
        return true
    }

    /// A comment, if there is one, and the end of the line.
    private mutating func endLine() throws(ConfigError) {
        skipSpaces()
        if peek == UInt8(ascii: "#") {
            while let byte = peek, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
                guard byte >= 0x20 && byte != 0x7F || byte == 0x09 else {
                    throw malformed("a control character in a comment")
                }
                place += 1
            }
        }
        guard peek != nil else { return }
        if take("\r"), peek != UInt8(ascii: "\n") { throw malformed("a carriage return without a line feed") }
        guard take("\n") else { throw malformed("'\(scalarHere)' is too much here") }
        line += 1
    }

    /// The character at which reading stands, for a message.
    private var scalarHere: Character { String(decoding: bytes[place...].prefix(4), as: UTF8.self).first ?? " " }

    private mutating func readHeading() throws(ConfigError) {
        place += 1
        guard peek != UInt8(ascii: "[") else { throw unsupported("lists of tables are not known here") }
        let path = try readKey()
        guard take("]") else { throw malformed("']' is missing") }
        switch roles[path] {
        case .headed:
            let first = headings.first { $0.path == path }?.line ?? line
            throw malformed("[\(Self.name(path))] stands on line \(first) already")
        case .dotted: throw malformed("the table \(Self.name(path)) was made by a dotted key before")
        case .value: throw malformed("\(Self.name(path)) is a value already")
        case .implied, nil: break
        }
        for count in 1..<max(path.count, 1) {
            let outer = Array(path.prefix(count))
            if roles[outer] == .value { throw malformed("\(Self.name(outer)) is a value already") }
            if roles[outer] == nil { roles[outer] = .implied }
        }
        roles[path] = .headed
        table = path
        headings.append(Heading(path: path, line: line, end: place))
        try endLine()
    }

    private mutating func readEntry() throws(ConfigError) {
        let key = try readKey()
        guard take("=") else { throw malformed("'=' is missing after \(key.last ?? "")") }
        skipSpaces()
        let path = table + key
        guard roles[path] == nil else {
            let first = entries.first { $0.path == path }.map { " stands on line \($0.line) already" }
            throw malformed("'\(Self.name(path))'\(first ?? " is a table already")")
        }
        for count in (table.count + 1)..<max(path.count, table.count + 1) {
            let outer = Array(path.prefix(count))
            switch roles[outer] {
            case nil: roles[outer] = .dotted
            case .dotted: break
            default: throw malformed("\(Self.name(outer)) is something else already")
            }
        }
        roles[path] = .value
        var entry = Entry(path: path, table: table, value: .boolean(false), line: line, valueRange: place..<place)
        let start = place
        entry.value = try readValue(&entry.elements)
        entry.valueRange = start..<place
        entries.append(entry)
        try endLine()
    }

    static func name(_ path: [String]) -> String { path.joined(separator: ".") }

    // MARK: keys

    private mutating func readKey() throws(ConfigError) -> [String] {
        var parts: [String] = []
        repeat {
            skipSpaces()
            guard parts.count < 16 else { throw unsupported("a key of more than 16 parts") }
            switch peek {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): parts.append(try readString())
            default:
                let start = place
                while let byte = peek, Self.isBare(byte) { place += 1 }
                guard place > start else { throw malformed("a key is missing") }
                parts.append(String(decoding: bytes[start..<place], as: UTF8.self))
            }
            skipSpaces()
        } while take(".")
        return parts
    }

    static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    // MARK: values

    private mutating func readValue(_ elements: inout [(range: Range<Int>, comma: Int?)]) throws(ConfigError)
        -> ConfigValue
    {
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try readString())
        case UInt8(ascii: "["): return .strings(try readArray(&elements))
        case UInt8(ascii: "{"): throw unsupported("inline tables ({…}) are not supported")
        default: break
        }
        let start = place
        while let byte = peek, Self.isBare(byte) || [0x2B, 0x2E, 0x3A].contains(byte) { place += 1 }
        let word = String(decoding: bytes[start..<place], as: UTF8.self)
        switch word {
        case "": throw malformed("a value is missing")
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        default: return try number(word)
        }
    }

    private func number(_ word: String) throws(ConfigError) -> ConfigValue {
        let digits = word.hasPrefix("-") || word.hasPrefix("+") ? word.dropFirst() : word[...]
        guard let first = digits.utf8.first, (0x30...0x39).contains(first) else {
            throw malformed("'\(word)' is no value; texts stand in quotes")
        }
        guard !word.contains(":"), !digits.dropFirst().contains("-") || digits.lowercased().contains("e") else {
            throw unsupported("dates are not supported")
        }
        let parts = digits.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ $0.first?.isNumber == true && $0.last?.isNumber == true }) else {
            throw malformed("'\(word)' is no number")
        }
        let plain = (word.hasPrefix("-") ? "-" : "") + parts.joined()
        let isWhole = parts.joined().utf8.allSatisfy { (0x30...0x39).contains($0) }
        if first == 0x30, let second = digits.utf8.dropFirst().first, (0x30...0x39).contains(second) || second == 0x5F {
            throw malformed("'\(word)' begins with a zero")
        }
        if isWhole {
            guard let value = Int64(plain) else { throw malformed("'\(word)' is too large") }
            return .integer(value)
        }
        guard Self.isDecimal(parts.joined()), let value = Double(plain), value.isFinite else {
            throw unsupported("'\(word)' is no decimal number")
        }
        return .number(value)
    }

    /// Digits, then a fraction or an exponent or both.
    private static func isDecimal(_ text: String) -> Bool {
        var rest = text[...]
        func digits() -> Bool {
            let count = rest.prefix { $0.isASCII && $0.isNumber }.count
            rest = rest.dropFirst(count)
            return count > 0
        }
        guard digits() else { return false }
        if rest.first == "." {
            rest = rest.dropFirst()
            guard digits() else { return false }
        }
        if rest.first == "e" || rest.first == "E" {
            rest = rest.dropFirst()
            if rest.first == "+" || rest.first == "-" { rest = rest.dropFirst() }
            guard digits() else { return false }
        }
        return rest.isEmpty
    }

    private mutating func readArray(_ elements: inout [(range: Range<Int>, comma: Int?)]) throws(ConfigError)
        -> [String]
    {
        let opened = line
        var values: [String] = []
        place += 1
        while true {
            try skipInArray(opened)
            if take("]") { return values }
            guard peek == UInt8(ascii: "\"") || peek == UInt8(ascii: "'") else {
                throw unsupported("a list holds texts in quotes")
            }
            let start = place
            values.append(try readString())
            elements.append((start..<place, nil))
            try skipInArray(opened)
            if peek == UInt8(ascii: ",") {
                elements[elements.count - 1].comma = place
                place += 1
            } else if peek != UInt8(ascii: "]") {
                throw malformed("',' or ']' is missing")
            }
        }
    }

    /// Inside an array lines may end and comments stand everywhere.
    private mutating func skipInArray(_ opened: Int) throws(ConfigError) {
        while true {
            skipSpaces()
            switch peek {
            case UInt8(ascii: "#"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): try endLine()
            case nil: throw ConfigError(.malformed, line: opened, "']' is missing")
            default: return
            }
        }
    }

    private mutating func readString() throws(ConfigError) -> String {
        let quote = bytes[place]
        let isBasic = quote == UInt8(ascii: "\"")
        place += 1
        if peek == quote, place + 1 < bytes.count, bytes[place + 1] == quote {
            throw unsupported("strings of several lines are not supported")
        }
        var text: [UInt8] = []
        while let byte = peek {
            place += 1
            switch byte {
            case quote: return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\") where isBasic: text += try readEscape()
            case 0x0A, 0x0D: throw malformed("the closing quote is missing")
            case 0..<0x20 where byte != 0x09, 0x7F: throw malformed("a control character in a string")
            default: text.append(byte)
            }
        }
        throw malformed("the closing quote is missing")
    }

    private mutating func readEscape() throws(ConfigError) -> [UInt8] {
        guard let byte = peek else { throw malformed("the closing quote is missing") }
        place += 1
        switch byte {
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let end = min(place + (byte == UInt8(ascii: "u") ? 4 : 8), bytes.count)
            let digits = String(decoding: bytes[place..<end], as: UTF8.self)
            guard digits.utf8.count == (byte == UInt8(ascii: "u") ? 4 : 8), digits.allSatisfy(\.isHexDigit),
                let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
            else { throw malformed("'\\\(Character(Unicode.Scalar(byte)))' without the number of a character") }
            place = end
            return Array(String(Character(scalar)).utf8)
        default:
            place -= 1
            throw malformed("'\\\(scalarHere)' is no escape; a backslash is written \\\\")
        }
    }
}
