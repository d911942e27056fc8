import Model

/// Text in columns of a terminal.
public enum TextWidth {
    /// The columns a character takes: 2 for wide ones and emoji.
    public static func of(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        if first.value < 0x300 { return 1 }
        if first.properties.isEmojiPresentation || character.unicodeScalars.contains("\u{FE0F}") { return 2 }
        switch first.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            return 2
        default: break
        }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return 1
        }
    }

    public static func of(_ text: String) -> Int { text.reduce(0) { $0 + of($1) } }

    /// The text cut to `columns`, with `…` where something is missing.
    public static func clipped(_ text: String, to columns: Int) -> String {
        guard of(text) > columns else { return text }
        var (clipped, used) = ("", 0)
        for character in text {
            let width = of(character)
            guard used + width < columns else { break }
            clipped.append(character)
            used += width
        }
        return columns > 0 ? clipped + "…" : ""
    }

    public static func padded(_ text: String, to columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - of(text)))
    }

    public static func leftPadded(_ text: String, to columns: Int) -> String {
        String(repeating: " ", count: max(0, columns - of(text))) + text
    }

    /// Exactly `columns` wide.
    public static func fitted(_ text: String, to columns: Int) -> String {
        padded(clipped(text, to: columns), to: columns)
    }

    /// The words in lines of at most `columns`.
    public static func wrapped(_ text: String, to columns: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if line.isEmpty {
                line = String(word)
            } else if of(line) + 1 + of(String(word)) <= columns {
                line += " " + word
            } else {
                lines.append(line)
                line = String(word)
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
