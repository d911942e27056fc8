extension Screen {
    /// The cells of a visible row, exactly `columns`; empty for a row that does not exist.
    public func line(_ row: Int) -> [ScreenCell] {
        guard row >= 0, row < rows else { return [] }
        return cells(grid.row(row))
    }

    /// The text of a visible row without trailing blanks.
    public func text(row: Int) -> String {
        guard row >= 0, row < rows else { return "" }
        return text(grid.row(row))
    }

    /// The visible text, rows parted by line feeds, without trailing blanks and trailing empty rows.
    public var text: String {
        var lines = (0..<rows).map(text(row:))
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    /// Whether the text of a visible row goes on in the next row (it was wrapped, not ended).
    public func isWrapped(row: Int) -> Bool {
        guard row >= 0, row < rows else { return false }
        return grid.wraps[row] != .ended
    }

    /// Lines kept above the primary screen.
    public var scrollbackCount: Int { scrollback.count }

    /// The cells of a line above the screen, 0 the oldest, without trailing blanks.
    public func scrollbackLine(_ index: Int) -> [ScreenCell] {
        guard index >= 0, index < scrollback.count else { return [] }
        return cells(scrollback.line(index).cells)
    }

    /// The text of a line above the screen, 0 the oldest.
    public func scrollbackText(_ index: Int) -> String {
        guard index >= 0, index < scrollback.count else { return "" }
        return text(scrollback.line(index).cells)
    }

    /// The style the next character gets.
    public var penStyle: ScreenStyle { style(pen) }

    func style(_ cell: Cell) -> ScreenStyle {
        var style = ScreenStyle()
        style.foreground = PackedColor.color(cell.foreground)
        style.background = PackedColor.color(cell.background)
        style.underline = ScreenStyle.Underline(rawValue: UInt8(cell.underline)) ?? .none
        style.bold = cell.content & Cell.bold != 0
        style.dim = cell.content & Cell.dim != 0
        style.italic = cell.content & Cell.italic != 0
        style.blink = cell.content & Cell.blink != 0
        style.inverse = cell.content & Cell.inverse != 0
        style.hidden = cell.content & Cell.hidden != 0
        style.strike = cell.content & Cell.strike != 0
        style.overline = cell.content & Cell.overline != 0
        if cell.extra != 0 {
            let extra = extras[cell.extra]
            style.underlineColor = PackedColor.color(extra.underlineColor)
            if !extra.link.isEmpty { style.link = String(decoding: extra.link, as: UTF8.self) }
        }
        return style
    }

    func cells(_ line: ArraySlice<Cell>) -> [ScreenCell] {
        var result: [ScreenCell] = []
        result.reserveCapacity(line.count)
        var last: Cell?
        var lastStyle = ScreenStyle()
        for cell in line {
            if last.map(cell.sameStyle) != true { lastStyle = style(cell) }
            last = cell
            let character = cell.isTail ? "" : String(String.UnicodeScalarView(scalars(cell)))
            result.append(
                ScreenCell(character: character, width: cell.isTail ? 0 : cell.isWide ? 2 : 1, style: lastStyle))
        }
        return result
    }

    private func text(_ line: ArraySlice<Cell>) -> String {
        var end = line.endIndex
        while end > line.startIndex, line[end - 1].isSpace { end -= 1 }
        var view = String.UnicodeScalarView()
        for cell in line[..<end] where !cell.isTail { view.append(contentsOf: scalars(cell)) }
        return String(view)
    }

    func scalars(_ cell: Cell) -> [Unicode.Scalar] {
        let values = cell.isCluster ? clusters[cell.glyph] : [cell.glyph]
        return values.map { Unicode.Scalar($0) ?? "\u{FFFD}" }
    }
}
