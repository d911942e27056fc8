/// Writes cells as escape bytes, changing the style only where it changes.
struct RedrawWriter {
    private(set) var bytes: [UInt8] = []
    private var current = Cell.plainPen

    mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func scalar(_ scalar: Unicode.Scalar) {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    mutating func style(_ cell: Cell, _ extras: Pool<CellExtra>) {
        guard !cell.sameStyle(as: current) else { return }
        let before = extras[current.extra]
        let extra = extras[cell.extra]
        var codes = ["0"]
        let flags: [(UInt32, String)] = [
            (Cell.bold, "1"), (Cell.dim, "2"), (Cell.italic, "3"), (Cell.blink, "5"), (Cell.inverse, "7"),
            (Cell.hidden, "8"), (Cell.strike, "9"), (Cell.overline, "53"),
        ]
        for (bit, code) in flags where cell.content & bit != 0 { codes.append(code) }
        if cell.underline == 1 { codes.append("4") }
        if cell.underline > 1 { codes.append("4:\(cell.underline)") }
        append(PackedColor.color(cell.foreground), normal: 30, extended: "38", to: &codes)
        append(PackedColor.color(cell.background), normal: 40, extended: "48", to: &codes)
        switch PackedColor.color(extra.underlineColor) {
        case .default: break
        case .indexed(let index): codes.append("58:5:\(index)")
        case .rgb(let red, let green, let blue): codes.append("58:2::\(red):\(green):\(blue)")
        }
        text("\u{1B}[\(codes.joined(separator: ";"))m")
        if extra.link != before.link {
            text("\u{1B}]8;;")
            bytes.append(contentsOf: extra.link)
            text("\u{1B}\\")
        }
        current = cell
    }

    private func append(_ color: ScreenStyle.Color, normal: Int, extended: String, to codes: inout [String]) {
        switch color {
        case .default: break
        case .indexed(let index) where index < 8: codes.append("\(normal + Int(index))")
        case .indexed(let index) where index < 16: codes.append("\(normal + 52 + Int(index))")
        case .indexed(let index): codes.append("\(extended);5;\(index)")
        case .rgb(let red, let green, let blue): codes.append("\(extended);2;\(red);\(green);\(blue)")
        }
    }
}
