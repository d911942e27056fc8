import Model

/// A picture of a terminal: rows of styled cells, and what to send to turn one picture into the next.
public struct Canvas: Sendable, Equatable {
    public let columns: Int
    public let rows: Int
    private var cells: [ScreenCell]

    public init(columns: Int, rows: Int) {
        self.columns = min(max(columns, 1), Screen.largestSide)
        self.rows = min(max(rows, 1), Screen.largestSide)
        cells = Array(repeating: ScreenCell(), count: self.columns * self.rows)
    }

    /// The cell at a place; a blank one outside.
    public subscript(row: Int, column: Int) -> ScreenCell {
        get {
            guard row >= 0, row < rows, column >= 0, column < columns else { return ScreenCell() }
            return cells[row * columns + column]
        }
        set {
            guard row >= 0, row < rows, column >= 0, column < columns else { return }
            cells[row * columns + column] = newValue
        }
    }

    /// Writes text that is safe to print, cut at `width` columns; gives the column behind it.
    @discardableResult
    public mutating func put(
        _ text: String, row: Int, column: Int, width: Int = .max, style: ScreenStyle = ScreenStyle()
    ) -> Int {
        var at = column
        let end = width < columns - column ? column + width : columns
        for character in text {
            let size = TextWidth.of(character)
            guard size > 0, at + size <= end else { if size == 0 { continue } else { break } }
            self[row, at] = ScreenCell(character: String(character), width: size, style: style)
            if size == 2 { self[row, at + 1] = ScreenCell(character: "", width: 0, style: style) }
            at += size
        }
        return at
    }

    public mutating func fill(row: Int, from column: Int, to end: Int, style: ScreenStyle) {
        for at in max(column, 0)..<max(max(column, 0), min(end, columns)) { self[row, at] = ScreenCell(style: style) }
    }

    /// The text of a row without trailing blanks.
    public func text(row: Int) -> String {
        var text = (0..<columns).map { self[row, $0].character }.joined()
        while text.last == " " { text.removeLast() }
        return text
    }

    /// The control sequences that turn `before` (nil: an unknown screen) into this picture.
    public func changes(from before: Canvas?, inColour: Bool = true) -> String {
        var output = ""
        let known = before?.columns == columns && before?.rows == rows ? before : nil
        if known == nil { output += "\u{1B}[0m\u{1B}[2J" }
        var style = ScreenStyle()
        var place: (row: Int, column: Int)?
        for row in 0..<rows {
            for column in 0..<columns {
                let cell = self[row, column]
                if let known, known[row, column] == cell,
                    known[row, column + cell.width - 1] == self[row, column + cell.width - 1]
                {
                    continue
                }
                if known == nil, cell == ScreenCell() { continue }
                guard cell.width > 0 else { continue }
                if place?.row != row || place?.column != column { output += "\u{1B}[\(row + 1);\(column + 1)H" }
                if cell.style != style {
                    output += StyleCode.select(cell.style, inColour: inColour)
                    style = cell.style
                }
                // Cells of a screen hold what a program wrote: only what draws itself is passed on.
                let isSafe = cell.character.unicodeScalars.allSatisfy(Sanitize.isHarmless)
                output += cell.character.isEmpty ? " " : isSafe ? cell.character : "\u{FFFD}"
                place = (row, column + cell.width)
            }
        }
        return style == ScreenStyle() ? output : output + "\u{1B}[0m"
    }
}

/// The control sequence that selects a style.
enum StyleCode {
    static func select(_ style: ScreenStyle, inColour: Bool) -> String {
        var codes = ["0"]
        if style.bold { codes.append("1") }
        if style.dim { codes.append("2") }
        if style.italic { codes.append("3") }
        if style.underline != .none { codes.append("4") }
        if style.inverse { codes.append("7") }
        if style.strike { codes.append("9") }
        if inColour {
            codes += colour(style.foreground, base: 38)
            codes += colour(style.background, base: 48)
        }
        return "\u{1B}[\(codes.joined(separator: ";"))m"
    }

    private static func colour(_ colour: ScreenStyle.Color, base: Int) -> [String] {
        switch colour {
        case .default: []
        case .indexed(let index): ["\(base)", "5", "\(index)"]
        case .rgb(let red, let green, let blue): ["\(base)", "2", "\(red)", "\(green)", "\(blue)"]
        }
    }
}
