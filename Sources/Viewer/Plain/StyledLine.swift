/// A line of text for a person, and what kind of thing it says.
public struct StyledLine: Sendable, Equatable {
    public enum Style: Sendable, Equatable {
        case plain, dim, heading, prompt, added, removed, note, good, bad
    }

    public var text: String
    public var style: Style

    public init(_ text: String, _ style: Style = .plain) {
        self.text = text
        self.style = style
    }

    /// The line with the colours of its style, where colours are wanted.
    public func rendered(inColour: Bool) -> String {
        guard inColour else { return text }
        let code: String
        switch style {
        case .plain: return text
        case .dim: code = "2"
        case .heading: code = "1"
        case .prompt: code = "1;36"
        case .added, .good: code = "32"
        case .removed, .bad: code = "31"
        case .note: code = "33"
        }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}
