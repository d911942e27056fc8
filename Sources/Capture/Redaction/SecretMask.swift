/// Hides secrets in bytes as they go by: from a secret's mark on (`ghp_`, `TOKEN=`, `-----BEGIN … PRIVATE KEY-----`)
/// every byte of the word becomes `*`. Lengths stay; any way of cutting the bytes gives the same result.
///
/// Nothing is held back, so what turns out to be no secret is hidden all the same. Terminal escape sequences and
/// backspaces inside a word go through and do not end it.
public struct SecretMask: Sendable {
    private enum Mode: Sendable, Equatable {
        case scanning
        /// After the name of a secret: its quote, the spaces and the sign between it and the value.
        case afterKey(AfterKey)
        /// The next byte begins the value.
        case first(needsQuote: Bool)
        case masking(Word)
        /// Inside a key block, after so many dashes in a row.
        case block(dashes: Int, count: Int)
    }

    private struct AfterKey: Sendable, Equatable {
        var quoted = false
        var spaced = false
    }

    private enum Word: Sendable, Equatable {
        case token
        case letters
        /// A shell word; the flag says that a backslash came before.
        case word(escaped: Bool)
        case quoted(by: UInt8, escaped: Bool)
    }

    /// Inside an escape sequence, which is not looked at.
    private enum Escape: Sendable { case none, started, control, string, stringEscape, charset }

    private let patterns: SecretPatterns
    private var mode = Mode.scanning
    private var escape = Escape.none
    private var state: UInt16 = 0
    private var letters: UInt64 = 0
    /// A key block without an end is given up after so many bytes.
    private static let longestBlock = 64 * 1024

    public init() { patterns = .standard }

    /// The bytes with what belongs to secrets masked.
    public mutating func mask(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result = Array(bytes)
        for index in result.indices where hides(result[index]) { result[index] = star }
        return result
    }

    /// A whole text with its secrets masked.
    public static func masked(_ text: [UInt8]) -> [UInt8] {
        var mask = SecretMask()
        return mask.mask(text[...])
    }

    /// Where the secrets of a whole text are.
    public static func ranges(in text: [UInt8]) -> [Range<Int>] {
        var mask = SecretMask()
        var ranges: [Range<Int>] = []
        for (index, byte) in text.enumerated() where mask.hides(byte) {
            if let last = ranges.last, last.upperBound == index {
                ranges[ranges.count - 1] = last.lowerBound..<index + 1
            } else {
                ranges.append(index..<index + 1)
            }
        }
        return ranges
    }

    /// Takes the next byte: whether it is part of a secret.
    private mutating func hides(_ byte: UInt8) -> Bool {
        if escape != .none {
            skipEscape(byte)
            return false
        }
        if byte == 0x1b {
            escape = .started
            return false
        }
        if byte == 0x08 { return false }
        switch mode {
        case .scanning:
            scan(byte)
            return false
        case .afterKey(var after):
            if scan(byte) { return false }
            if byte == quote || byte == apostrophe, !after.quoted, !after.spaced {
                after.quoted = true
                mode = .afterKey(after)
            } else if byte == space {
                after.spaced = true
                mode = .afterKey(after)
            } else if byte == equals || (byte == colon && after.quoted) {
                mode = .first(needsQuote: after.quoted || after.spaced)
            } else {
                mode = .scanning
            }
            return false
        case .first(let needsQuote):
            if byte == quote || byte == apostrophe {
                mode = .masking(.quoted(by: byte, escaped: false))
            } else if byte == space, needsQuote {
                // Between the sign and the quote.
            } else if !needsQuote, Self.beginsWord(byte) {
                mode = .masking(.word(escaped: byte == backslash))
                return true
            } else {
                rescan(byte)
            }
            return false
        case .masking(let word):
            guard let next = Self.next(word, byte) else {
                rescan(byte)
                return false
            }
            mode = .masking(next)
            return true
        case .block(let dashes, let count):
            return hidesInBlock(byte, dashes: dashes, count: count)
        }
    }

    /// Whether a mark ends with this byte.
    @discardableResult
    private mutating func scan(_ byte: UInt8) -> Bool {
        state = patterns.step(state, byte)
        letters = letters << 1 | (Self.isLetterOrDigit(byte) ? 1 : 0)
        guard let rule = patterns.rule(at: state, letters: letters) else { return false }
        switch rule {
        case .token: mode = .masking(.token)
        case .letters: mode = .masking(.letters)
        case .key: mode = .afterKey(AfterKey())
        case .value: mode = .first(needsQuote: false)
        case .block: mode = .block(dashes: 0, count: 0)
        }
        return true
    }

    /// The byte ended a word and is ordinary again.
    private mutating func rescan(_ byte: UInt8) {
        (mode, state, letters) = (.scanning, 0, 1)
        scan(byte)
    }

    private mutating func hidesInBlock(_ byte: UInt8, dashes: Int, count: Int) -> Bool {
        let isDash = byte == dash
        if isDash, dashes == 4, count > 0 {
            // The five dashes before END.
            mode = .scanning
            (state, letters) = (0, 0)
            return false
        }
        let belongs = Self.isLetterOrDigit(byte) || isDash || byte <= space || Self.inHeaders.contains(byte)
        guard belongs, count < Self.longestBlock else {
            rescan(byte)
            return false
        }
        mode = .block(dashes: isDash ? dashes + 1 : 0, count: count + 1)
        return !isDash && byte > space
    }

    /// The word after one more byte; nil: the byte is no part of it.
    private static func next(_ word: Word, _ byte: UInt8) -> Word? {
        switch word {
        case .letters: return isLetterOrDigit(byte) ? word : nil
        case .token: return isLetterOrDigit(byte) || inTokens.contains(byte) ? word : nil
        case .word(let escaped):
            if byte < space || byte == 0x7f { return nil }
            if escaped { return .word(escaped: false) }
            return byte != space && !endsWords.contains(byte) ? .word(escaped: byte == backslash) : nil
        case .quoted(let mark, let escaped):
            if byte < space || byte == 0x7f { return nil }
            if escaped { return .quoted(by: mark, escaped: false) }
            return byte == mark ? nil : .quoted(by: mark, escaped: byte == backslash)
        }
    }

    /// A value that begins otherwise (`$VARIABLE`, `==`, `(`) is none.
    private static func beginsWord(_ byte: UInt8) -> Bool {
        byte > space && byte != 0x7f && byte != equals && byte != UInt8(ascii: "$") && byte != UInt8(ascii: "(")
            && !endsWords.contains(byte)
    }

    private static let endsWords = Array("\"'`;&|<>)".utf8)
    private static let inTokens = Array("_-.+/=~".utf8)
    private static let inHeaders = Array("+/=:,.".utf8)

    @inline(__always)
    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
    }

    private mutating func skipEscape(_ byte: UInt8) {
        switch escape {
        case .none: break
        case .started:
            switch byte {
            case UInt8(ascii: "["): escape = .control
            case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"):
                escape = .string
            case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "#"):
                escape = .charset
            case 0x1b: break
            default: escape = .none
            }
        case .control: if (0x40...0x7e).contains(byte) || byte < space { escape = .none }
        case .charset: escape = .none
        case .string:
            switch byte {
            case 0x1b: escape = .stringEscape
            case 0x07, 0x18, 0x1a, 0x0a: escape = .none
            default: break
            }
        case .stringEscape:
            escape = .started
            if byte == backslash { escape = .none } else { skipEscape(byte) }
        }
    }
}

private let star = UInt8(ascii: "*")
private let space = UInt8(ascii: " ")
private let quote = UInt8(ascii: "\"")
private let apostrophe = UInt8(ascii: "'")
private let backslash = UInt8(ascii: "\\")
private let equals = UInt8(ascii: "=")
private let colon = UInt8(ascii: ":")
private let dash = UInt8(ascii: "-")
