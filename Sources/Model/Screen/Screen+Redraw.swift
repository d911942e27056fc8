extension Screen {
    /// Bytes that give a fresh terminal of the same size what is shown here: cells, modes, cursor and pen. They hold no
    /// control characters but those written here, whatever the program behind this screen sent.
    public func redraw() -> [UInt8] {
        var output = RedrawWriter()
        if isAlternate { output.text("\u{1B}[?1049h") }
        for row in 0..<rows { draw(row, &output) }
        restoreTabs(&output)
        restoreModes(&output)
        placeCursor(&output)
        output.style(pen, extras)
        if charsets.drawing[0] { output.text("\u{1B}(0") }
        if charsets.drawing[1] { output.text("\u{1B})0") }
        if charsets.shifted { output.text("\u{E}") }
        if modes.contains(.insert) { output.text("\u{1B}[4h") }
        return output.bytes
    }

    private func draw(_ row: Int, _ output: inout RedrawWriter) {
        let line = grid.row(row).trimmed
        guard !line.isEmpty else { return }
        output.text("\u{1B}[\(row + 1)H")
        for cell in line { draw(cell, &output) }
    }

    private func draw(_ cell: Cell, _ output: inout RedrawWriter) {
        guard !cell.isTail else { return }
        output.style(cell, extras)
        for scalar in scalars(cell) { output.scalar(scalar) }
    }

    private func restoreTabs(_ output: inout RedrawWriter) {
        guard tabs != Screen.standardTabs(columns) else { return }
        output.text("\u{1B}[3g")
        for column in 0..<columns where tabs[column] { output.text("\u{1B}[\(column + 1)G\u{1B}H") }
    }

    private func restoreModes(_ output: inout RedrawWriter) {
        for (number, mode) in ScreenModes.privateNumbers
        where modes.contains(mode) != ScreenModes.initial.contains(mode) {
            output.text("\u{1B}[?\(number)\(modes.contains(mode) ? "h" : "l")")
        }
        if modes.contains(.newLine) { output.text("\u{1B}[20h") }
        if !cursor.isVisible { output.text("\u{1B}[?25l") }
        let shape = Int(cursor.shape.rawValue) * 2 + (cursor.blinks ? 1 : 2)
        if shape != 1 { output.text("\u{1B}[\(shape) q") }
        if !title.isEmpty { output.text("\u{1B}]2;\(title)\u{7}") }
        if let workingDirectory { output.text("\u{1B}]7;\(workingDirectory)\u{7}") }
    }

    /// A region and origin mode send the cursor home, so they come first. Only printing in the last column leaves the
    /// cursor waiting behind it, so a waiting cursor's cell is printed again.
    private func placeCursor(_ output: inout RedrawWriter) {
        if region != 0...rows - 1 { output.text("\u{1B}[\(region.lowerBound + 1);\(region.upperBound + 1)r") }
        let origin = modes.contains(.origin)
        if origin { output.text("\u{1B}[?6h") }
        let row = cursor.row - (origin ? region.lowerBound : 0)
        var column = cursor.column
        if cursor.pendingWrap, column > 0, grid[cursor.row, column].isTail { column -= 1 }
        output.text("\u{1B}[\(row + 1);\(column + 1)H")
        if cursor.pendingWrap { draw(grid[cursor.row, column], &output) }
    }
}
