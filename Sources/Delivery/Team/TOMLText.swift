/// The part of TOML 1.0 that settings need: tables, and keys with strings, whole numbers, truth values and lists of
/// strings. What it does not know is an error with its line, never a guess.
public struct TOMLText: Hashable, Sendable {
    /// What a key has.
    public enum Value: Hashable, Sendable {
        case string(String)
        case integer(Int64)
        case bool(Bool)
        case strings([String])
    }

    /// A key with its value and where it stands.
    public struct Entry: Hashable, Sendable {
        /// The table's name and the key: `["people", "alice", "password"]`.
        public var path: [String]
        public var value: Value
        /// From 1.
        public var line: Int
    }

    public private(set) var entries: [Entry] = []
    /// Tables that were opened, those without a key too.
    public private(set) var tables: [(path: [String], line: Int)] = []

    public static func == (a: TOMLText, b: TOMLText) -> Bool { a.entries == b.entries }
    public func hash(into hasher: inout Hasher) { hasher.combine(entries) }

    /// Reads a whole file.
    ///
    /// - Throws: `TOMLError` with the line.
    public init(_ text: String) throws(TOMLError) {
        var reader = Reader(text)
        try reader.read(into: &self)
    }

    fileprivate mutating func add(_ entry: Entry) throws(TOMLError) {
        if let first = entries.first(where: { $0.path == entry.path }) {
            throw TOMLError(
                "'\(entry.path.joined(separator: "."))' stands on line \(first.line) already", line: entry.line)
        }
        entries.append(entry)
    }

    fileprivate mutating func open(_ path: [String], line: Int) throws(TOMLError) {
        if let first = tables.first(where: { $0.path == path }) {
            throw TOMLError("[\(path.joined(separator: "."))] stands on line \(first.line) already", line: line)
        }
        tables.append((path, line))
    }

    /// `text` as TOML has it between quotes.
    public static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case "\u{0}"..<"\u{20}", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// Why a text is not TOML, or not of the part that is known.
public struct TOMLError: Error, Sendable, CustomStringConvertible {
    public var message: String
    /// From 1.
    public var line: Int

    init(_ message: String, line: Int) {
        self.message = message
        self.line = line
    }

    public var description: String { "line \(line): \(message)" }
}

private struct Reader {
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var line = 1

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func read(into text: inout TOMLText) throws(TOMLError) {
        var table: [String] = []
        while true {
            skipBlank(andLines: true)
            guard let next else { return }
            let start = line
            if next == "[" {
                place += 1
                if self.next == "[" { throw error("lists of tables are not known here") }
                table = try key()
                try expect("]", "']' is missing")
                try text.open(table, line: start)
            } else {
                let path = table + (try key())
                try expect("=", "'=' is missing after \(path.last ?? "")")
                try text.add(TOMLText.Entry(path: path, value: try value(), line: start))
            }
            skipBlank(andLines: false)
            if let next = self.next, next != "\n" { throw error("'\(next)' is too much here") }
        }
    }

    private var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }
    private func error(_ message: String) -> TOMLError { TOMLError(message, line: line) }

    /// Blanks and a comment; with `andLines` the ends of lines too.
    private mutating func skipBlank(andLines: Bool) {
        while let next {
            if next == "#" {
                while let next = self.next, next != "\n" { place += 1 }
            } else if next == "\n" {
                guard andLines else { return }
                line += 1
                place += 1
            } else if next == " " || next == "\t" || next == "\r" {
                place += 1
            } else {
                return
            }
        }
    }

    private mutating func expect(_ scalar: Unicode.Scalar, _ message: String) throws(TOMLError) {
        skipBlank(andLines: false)
        guard next == scalar else { throw error(message) }
        place += 1
        skipBlank(andLines: false)
    }

    private mutating func key() throws(TOMLError) -> [String] {
        var path: [String] = []
        while true {
            skipBlank(andLines: false)
            if next == "\"" || next == "'" {
                path.append(try string())
            } else {
                let word = bareWord()
                if word.isEmpty { throw error("a key is missing") }
                path.append(word)
            }
            skipBlank(andLines: false)
            guard next == "." else { return path }
            place += 1
        }
    }

    /// Letters, digits, `_`, `-` and `+`.
    private mutating func bareWord() -> String {
        var word = String.UnicodeScalarView()
        while let next, next.isASCII,
            next.properties.isAlphabetic || ("0"..."9").contains(next) || "_-+".unicodeScalars.contains(next)
        {
            word.append(next)
            place += 1
        }
        return String(word)
    }

    private mutating func value() throws(TOMLError) -> TOMLText.Value {
        switch next {
        case "\"", "'": return .string(try string())
        case "[":
            place += 1
            var list: [String] = []
            while true {
                skipBlank(andLines: true)
                if next == "]" {
                    place += 1
                    return .strings(list)
                }
                guard next == "\"" || next == "'" else { throw error("a list holds texts in quotes") }
                list.append(try string())
                skipBlank(andLines: true)
                if next == "," { place += 1 } else if next != "]" { throw error("',' or ']' is missing") }
            }
        default:
            let word = bareWord()
            if word == "true" || word == "false" { return .bool(word == "true") }
            guard let number = Int64(word.filter { $0 != "_" }) else {
                throw error("'\(word)' is no text in quotes, whole number, true, false or list")
            }
            return .integer(number)
        }
    }

    private mutating func string() throws(TOMLError) -> String {
        let quote = next
        place += 1
        var result = String.UnicodeScalarView()
        while let next {
            place += 1
            if next == quote { return String(result) }
            if next == "\n" { break }
            if next == "\\", quote == "\"" { result.append(try escape()) } else { result.append(next) }
        }
        throw error("the closing quote is missing")
    }

    private mutating func escape() throws(TOMLError) -> Unicode.Scalar {
        let letter = next
        place += 1
        switch letter {
        case "\"", "\\": return letter ?? "\\"
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "u", "U":
            let digits = scalars[place...].prefix(letter == "u" ? 4 : 8)
            var text = String.UnicodeScalarView()
            text.append(contentsOf: digits)
            guard let value = UInt32(String(text), radix: 16), let scalar = Unicode.Scalar(value) else {
                throw error("no such character")
            }
            place += digits.count
            return scalar
        default: throw error("'\\\(letter.map(String.init) ?? "")' is no escape")
        }
    }
}
