/// The lines of text in what programs wrote to a terminal, without a screen: escape sequences and whatever full-screen
/// programs draw are left out, carriage returns and backspaces write over.
///
/// The lines are safe to print.
public struct TerminalText: Sendable {
    private enum State { case text, escape, escapeMore, sequence, string, stringEscape }

    private var state = State.text
    private var parameters: [UInt8] = []
    private var line: [UInt8] = []
    private var column = 0
    /// A full-screen program is at work.
    private var isAlternate = false

    private static let longestLine = 4096

    public init() {}

    /// Takes bytes, gives the lines they end.
    public mutating func feed(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes { take(byte, &lines) }
        return lines
    }

    /// The line so far, if there is one; it is over with this.
    public mutating func finish() -> String? {
        defer {
            line = []
            column = 0
        }
        let text = Self.trimmed(line)
        return text.isEmpty ? nil : Sanitize.line(text, tab: 8)
    }

    private mutating func take(_ byte: UInt8, _ lines: inout [String]) {
        switch state {
        case .text: takeText(byte, &lines)
        case .escape:
            switch byte {
            case UInt8(ascii: "["):
                parameters = []
                state = .sequence
            case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
                state = .string
            case 0x20...0x2F: state = .escapeMore
            default: state = .text
            }
        case .escapeMore: if !(0x20...0x2F).contains(byte) { state = .text }
        case .sequence:
            if (0x40...0x7E).contains(byte) {
                state = .text
                finishSequence(byte)
            } else if byte == 0x1B {
                state = .escape
            } else if parameters.count < 64 {
                parameters.append(byte)
            }
        case .string:
            if byte == 0x07 { state = .text } else if byte == 0x1B { state = .stringEscape }
        case .stringEscape: state = byte == UInt8(ascii: "\\") ? .text : .string
        }
    }

    private mutating func takeText(_ byte: UInt8, _ lines: inout [String]) {
        switch byte {
        case 0x1B: state = .escape
        case _ where isAlternate: break
        case 0x0A:
            lines.append(Sanitize.line(Self.trimmed(line), tab: 8))
            line = []
            column = 0
        case 0x0D: column = 0
        case 0x08:
            if column > 0 { column -= 1 }
            // A character of several bytes is one step.
            while column > 0, column < line.count, line[column] & 0xC0 == 0x80 { column -= 1 }
        case 0x09, 0x20...0x7E, 0x80...0xFF: put(byte)
        default: break
        }
    }

    private mutating func put(_ byte: UInt8) {
        guard column < Self.longestLine else { return }
        if column >= line.count {
            line.append(byte)
            column = line.count
            return
        }
        // Writing over a longer character takes all of it away.
        if byte & 0xC0 != 0x80 {
            var end = column + 1
            while end < line.count, line[end] & 0xC0 == 0x80 { end += 1 }
            line.replaceSubrange(column..<end, with: [byte])
        } else {
            line.insert(byte, at: column)
        }
        column += 1
    }

    private mutating func finishSequence(_ final: UInt8) {
        switch final {
        case UInt8(ascii: "h"), UInt8(ascii: "l"):
            guard parameters.first == UInt8(ascii: "?") else { return }
            let modes = parameters.dropFirst().split(separator: UInt8(ascii: ";")).map {
                String(decoding: $0, as: UTF8.self)
            }
            if !Set(modes).isDisjoint(with: ["47", "1047", "1049"]) { isAlternate = final == UInt8(ascii: "h") }
        case UInt8(ascii: "K") where !isAlternate:
            switch parameters.first {
            case nil, UInt8(ascii: "0"): line = Array(line.prefix(column))
            case UInt8(ascii: "2"):
                line = []
                column = 0
            default: break
            }
        default: break
        }
    }

    private static func trimmed(_ line: [UInt8]) -> ArraySlice<UInt8> {
        line[..<((line.lastIndex { $0 != 0x20 && $0 != 0x09 } ?? -1) + 1)]
    }
}
