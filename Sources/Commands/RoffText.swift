/// Writes man(7) source: macros, and text in which nothing is taken for a macro.
struct RoffText {
    private(set) var result = ""

    mutating func macro(_ name: String, _ arguments: String...) {
        result += "." + name
        for argument in arguments {
            let word = Self.escaped(argument).replacing("\"", with: "\\(dq").replacing("\n", with: " ")
            result += " \"\(word)\""
        }
        result += "\n"
    }

    /// The line that a `.TP` hangs its text on, in bold.
    mutating func tag(_ text: String) { result += "\\fB" + Self.escaped(text.replacing("\n", with: " ")) + "\\fR\n" }

    /// Running text: an empty line begins a paragraph; a line that begins with spaces is kept as it stands.
    mutating func text(_ text: String) {
        var literal = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let indented = line.hasPrefix("  ")
            if indented != literal, !line.isEmpty {
                result += indented ? ".nf\n" : ".fi\n"
                literal = indented
            }
            if line.isEmpty {
                result += literal ? "\n" : ".sp\n"
            } else {
                result += Self.escaped(String(line)) + "\n"
            }
        }
        if literal { result += ".fi\n" }
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "\u{0}"..."\u{8}", "\u{B}"..."\u{1F}": continue
            default: result.append(character)
            }
        }
        // A dot or a quote at the start of a line would make it a macro.
        return result.first == "." || result.first == "'" ? "\\&" + result : result
    }
}
