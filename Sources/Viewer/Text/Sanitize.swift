/// Makes text that somebody else wrote safe to print: nothing in it can reach the viewer's terminal as a command,
/// hide other text or turn its direction.
public enum Sanitize {
    /// One line: line feeds and other controls show as `^J`, tabs become spaces, bytes that are no text `�`.
    public static func line(_ bytes: some Collection<UInt8>, tab: Int = 4) -> String {
        line(String(decoding: bytes, as: UTF8.self), tab: tab)
    }

    /// One line of text that may hold anything.
    public static func line(_ text: String, tab: Int = 4) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var safe = ""
        var column = 0
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 9:
                let spaces = tab > 0 ? tab - column % tab : 0
                safe += String(repeating: " ", count: spaces)
                column += spaces
                continue
            case 0..<0x20, 0x7F:
                safe += "^"
                safe.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value ^ 0x40)))
                column += 2
                continue
            default:
                safe.unicodeScalars.append(isHarmless(scalar) ? scalar : "\u{FFFD}")
                column += 1
            }
        }
        return safe
    }

    /// Whether a character only draws itself: no control, no mark that turns the direction or is unseen.
    static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB: false
        default: true
        }
    }
}
