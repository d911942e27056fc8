extension Screen {
    /// Longest link address that is kept, in bytes (as VTE and kitty have it, about).
    static let linkLimit = 2_083

    /// OSC. Titles, directory and links are kept; palette, clipboard and shell marks are not the screen's.
    mutating func systemCommand(_ command: [UInt8]) {
        let digits = command.prefix { $0 >= 0x30 && $0 <= 0x39 }
        guard !digits.isEmpty, digits.count <= 4 else { return }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        let rest = command.dropFirst(digits.count)
        guard rest.first == UInt8(ascii: ";") else { return }
        let text = rest.dropFirst()
        switch number {
        case 0, 2: title = Screen.clean(text)
        case 7: workingDirectory = text.isEmpty ? nil : Screen.clean(text)
        case 8: link(text)
        default: break
        }
    }

    /// `parameters;address`; an empty address ends the link.
    private mutating func link(_ text: ArraySlice<UInt8>) {
        guard let separator = text.firstIndex(of: UInt8(ascii: ";")) else { return }
        let address = Array(Screen.clean(text[text.index(after: separator)...]).utf8)
        var extra = extras[pen.extra]
        extra.link = address.count <= Screen.linkLimit ? address : []
        setExtra(extra)
    }

    /// Text without control characters: it may be written to a terminal again.
    static func clean(_ text: some Collection<UInt8>) -> String {
        var view = String(decoding: text, as: UTF8.self).unicodeScalars
        view.removeAll { !isPrintable($0.value) }
        return String(view)
    }

    static func isPrintable(_ scalar: UInt32) -> Bool {
        scalar >= 0x20 && !(0x7F...0x9F).contains(scalar) && Unicode.Scalar(scalar) != nil
    }
}
