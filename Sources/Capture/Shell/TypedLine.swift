/// The line being typed at a prompt, as it is shown: a line that begins with a space is private, so its letters are
/// hidden until it runs.
struct TypedLine: Sendable {
    private enum State: Sendable { case text, escape, control, string }

    /// A shell reads a line: between the end of its prompt and the start of the command.
    private var isTyping = false
    private var first: UInt8?
    private var state = State.text

    var beginsWithSpace: Bool { first == 0x20 }

    mutating func take(_ mark: ShellMark) {
        guard mark.isOwn else { return }
        switch mark.kind {
        case .promptEnd: self = TypedLine(isTyping: true)
        case .promptStart: self = TypedLine()
        case .commandStart: isTyping = false
        default: break
        }
    }

    init(isTyping: Bool = false) { self.isTyping = isTyping }

    /// Hides what must not be seen; lengths stay.
    mutating func mask(_ bytes: inout [UInt8]) {
        guard isTyping, first == nil || beginsWithSpace else { return }
        for index in bytes.indices {
            let byte = bytes[index]
            switch state {
            case .text where byte == 0x1b: state = .escape
            case .text where byte < 0x20: break
            case .text where first == nil:
                first = byte
                if !beginsWithSpace { return }
            case .text: if byte > 0x20 { bytes[index] = UInt8(ascii: "*") }
            case .escape:
                state = byte == UInt8(ascii: "[") ? .control : byte == UInt8(ascii: "]") ? .string : .text
            case .control: if (0x40...0x7e).contains(byte) { state = .text }
            case .string: if byte == 0x07 { state = .text } else if byte == 0x1b { state = .escape }
            }
        }
    }
}
