import EventSchema

/// The timing file of script(1): classic `delay bytes` lines, or util-linux's advanced `O delay bytes` with input,
/// signals and header lines among them.
struct ScriptTiming {
    enum Entry: Equatable {
        case output(bytes: Int)
        case input(bytes: Int)
        /// `SIGWINCH ROWS=24 COLS=80`
        case signal(String)
        case header(name: String, value: String)
    }

    /// Each with the time since the start, in microseconds.
    var entries: [(time: Int64, entry: Entry)] = []

    /// No recording is longer: 100 years in seconds; the nanoseconds of two such still fit in 64 bits.
    private static let longest = 3_155_760_000.0

    /// - Throws: `ImportError` with the line of what is wrong.
    init(_ input: ImportInput) throws(ImportError) {
        var nanoseconds: Int64 = 0
        let lines = input.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = String(decoding: line, as: UTF8.self).trimmingSpace()
            if text.isEmpty { continue }
            guard let (delay, entry) = Self.parse(text) else {
                throw ImportError(
                    file: input.name, line: index + 1, "not \"delay bytes\", nor a line of the advanced format")
            }
            nanoseconds += Int64((delay * 1e9).rounded())
            guard nanoseconds < Int64(Self.longest * 1e9) else {
                throw ImportError(file: input.name, line: index + 1, "longer than a recording can be")
            }
            entries.append((time: nanoseconds / 1000, entry: entry))
        }
    }

    /// Whether the first line is one of a timing file.
    static func isTiming(_ bytes: [UInt8]) -> Bool {
        let first = bytes.prefix(4096).prefix { $0 != UInt8(ascii: "\n") }
        return parse(String(decoding: first, as: UTF8.self).trimmingSpace()) != nil
    }

    func header(_ name: String) -> String? {
        for case (_, .header(name, let value)) in entries { return value }
        return nil
    }

    private static func parse(_ line: String) -> (delay: Double, entry: Entry)? {
        let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true).map(String.init)
        guard let first = words.first else { return nil }
        if words.count == 2, let delay = delay(first), let bytes = bytes(words[1]) {
            return (delay, .output(bytes: bytes))
        }
        guard words.count >= 2, let delay = delay(words[1]) else { return nil }
        switch first {
        case "O": return words.count == 3 ? bytes(words[2]).map { (delay, .output(bytes: $0)) } : nil
        case "I": return words.count == 3 ? bytes(words[2]).map { (delay, .input(bytes: $0)) } : nil
        case "S": return (delay, .signal(words.dropFirst(2).joined(separator: " ")))
        case "H":
            return words.count >= 3 ? (delay, .header(name: words[2], value: words.count == 4 ? words[3] : "")) : nil
        default: return nil
        }
    }

    private static func delay(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }), let delay = Double(text), delay >= 0,
            delay < longest
        else { return nil }
        return delay
    }

    private static func bytes(_ text: String) -> Int? { Int(text).flatMap { $0 >= 0 ? $0 : nil } }
}

extension String {
    fileprivate func trimmingSpace() -> String {
        let isSpace = { (character: Character) in character == " " || character == "\t" || character == "\r" }
        var rest = drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(rest)
    }
}
