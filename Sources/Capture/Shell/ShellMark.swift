/// What a shell says about itself in its output: OSC 133 (FinalTerm) and OSC 633 (VS Code) marks.
///
/// Our own carry the session's nonce as their first field: `ESC ] 633 ; NONCE ; KIND [; FIELD…] BEL`.
/// A field has `\\` for a backslash, `\x3b` for a semicolon and `\xNN` for any control byte, as in VS Code's `633;E`.
///
/// | kind | fields | says |
/// |---|---|---|
/// | `A` | | a prompt begins |
/// | `B` | | the prompt ends, typing begins |
/// | `E` | text | the line about to run; left out for a private one |
/// | `H` | entry, number, `repeat` or `none` | the newest entry of bash's history as `history 1` prints it, the number
/// at the prompt, and what it means if both are one |
/// | `P` | `Cwd=…` | the working directory |
/// | `C` | `HOST:PID`, shell, user | the line runs now |
/// | `D` | status, statuses of the pipeline, `HOST:PID` | it has ended |
public struct ShellMark: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case promptStart
        case promptEnd
        case commandText([UInt8])
        /// The newest line of a history that leaves out lines that begin with a space.
        case historyText([UInt8])
        case directory([UInt8])
        case commandStart(shell: ShellIdentity)
        case commandEnd(status: Int32?, pipeStatus: [Int32], shell: ShellIdentity)
    }

    public var kind: Kind
    /// It had the session's nonce, so it is from our own snippets; its bytes are not part of the output.
    public var isOwn: Bool
}

/// Which shell a mark is from: several may write to one terminal, one inside the other.
public struct ShellIdentity: Sendable, Hashable {
    public var host = ""
    public var process = ""
    /// `bash`, `zsh`, `fish`; told at the start of a command only.
    public var name = ""
    public var user = ""

    func isSame(as other: ShellIdentity) -> Bool { host == other.host && process == other.process }
}

extension ShellMark {
    /// Reads the fields after the number (and the nonce); nil for kinds that say nothing to us.
    init?(fields: [ArraySlice<UInt8>], isOwn: Bool) {
        guard let letter = fields.first, letter.count == 1, let kind = letter.first else { return nil }
        let values = fields.dropFirst().map(Self.unescape)
        func text(_ index: Int) -> String {
            values.indices.contains(index) ? String(decoding: values[index].prefix(256), as: UTF8.self) : ""
        }
        self.isOwn = isOwn
        switch kind {
        case UInt8(ascii: "A"): self.kind = .promptStart
        case UInt8(ascii: "B"): self.kind = .promptEnd
        case UInt8(ascii: "E"): self.kind = .commandText(values.first ?? [])
        case UInt8(ascii: "H"):
            guard isOwn, let kind = Self.historyEntry(values, number: text(1), otherwise: text(2)) else { return nil }
            self.kind = kind
        case UInt8(ascii: "P"):
            let key = Array("Cwd=".utf8)
            guard let value = values.first, value.starts(with: key) else { return nil }
            self.kind = .directory(Array(value.dropFirst(key.count)))
        case UInt8(ascii: "C"):
            var shell = isOwn ? Self.shell(text(0)) : ShellIdentity()
            if isOwn { (shell.name, shell.user) = (text(1), text(2)) }
            self.kind = .commandStart(shell: shell)
        case UInt8(ascii: "D"):
            let pipe = isOwn ? text(1).split(separator: " ").prefix(256).compactMap { Int32($0) } : []
            let shell = isOwn ? Self.shell(text(2)) : ShellIdentity()
            self.kind = .commandEnd(status: Int32(text(0)), pipeStatus: pipe, shell: shell)
        default: return nil
        }
    }

    /// `  123  make test`, or with a `*` after the number for an entry that was changed.
    private static func historyEntry(_ values: [[UInt8]], number: String, otherwise: String) -> Kind? {
        guard let entry = values.first?.drop(while: { $0 == UInt8(ascii: " ") }) else { return nil }
        let digits = entry.prefix { (0x30...0x39).contains($0) }
        let text = Array(entry.dropFirst(digits.count + 2))
        let found = Int(String(decoding: digits, as: UTF8.self)) ?? 0
        return found > 0 && (otherwise == "repeat" || found > Int(number) ?? 0) ? .historyText(text) : nil
    }

    private static func shell(_ text: String) -> ShellIdentity {
        guard let colon = text.lastIndex(of: ":") else { return ShellIdentity(process: text) }
        return ShellIdentity(host: String(text[..<colon]), process: String(text[text.index(after: colon)...]))
    }

    /// Undoes the escaping of a field; what is no escape stays as it is.
    static func unescape(_ field: ArraySlice<UInt8>) -> [UInt8] {
        let backslash = UInt8(ascii: "\\")
        guard field.contains(backslash) else { return Array(field) }
        var result: [UInt8] = []
        result.reserveCapacity(field.count)
        var rest = field
        while let byte = rest.popFirst() {
            guard byte == backslash, let next = rest.first else {
                result.append(byte)
                continue
            }
            if next == backslash {
                result.append(backslash)
                rest.removeFirst()
            } else if next == UInt8(ascii: "x"), let value = hexadecimal(rest.dropFirst().prefix(2)) {
                result.append(value)
                rest.removeFirst(3)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt8? {
        guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else { return nil }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
