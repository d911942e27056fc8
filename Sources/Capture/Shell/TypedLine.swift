/// The first character shown after a prompt: what the line being typed begins with.
struct TypedLine: Sendable {
    private enum State: Sendable { case text, escape, control, string }

    private(set) var first: UInt8?
    private var state = State.text

    mutating func take(_ bytes: ArraySlice<UInt8>) {
        if first != nil { return }
        for byte in bytes {
            switch state {
            case .text where byte == 0x1b: state = .escape
            case .text where byte < 0x20: break
            case .text:
                first = byte
                return
            case .escape:
                state = byte == UInt8(ascii: "[") ? .control : byte == UInt8(ascii: "]") ? .string : .text
            case .control: if (0x40...0x7e).contains(byte) { state = .text }
            case .string: if byte == 0x07 { state = .text } else if byte == 0x1b { state = .escape }
            }
        }
    }
}
