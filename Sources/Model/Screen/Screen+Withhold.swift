extension Screen {
    /// This screen with every row blank that `shown` did not have, wherever it stood there: what may be drawn after a
    /// pause without telling what the pause hid. Title and directory are those of `shown`.
    public func withholding(rowsNotIn shown: Screen) -> Screen {
        // By content, not by cell: sweeping renumbers marks and links.
        var known: Set<[ScreenCell]> = []
        for row in 0..<shown.rows { known.insert(shown.trimmedLine(row, of: shown.grid)) }
        if let hidden = shown.hidden {
            for row in 0..<shown.rows { known.insert(shown.trimmedLine(row, of: hidden)) }
        }
        var safe = self
        for row in 0..<rows where !known.contains(trimmedLine(row, of: grid)) {
            safe.grid.clear(row...row, with: .blank)
        }
        safe.title = shown.title
        safe.workingDirectory = shown.workingDirectory
        return safe
    }

    private func trimmedLine(_ row: Int, of grid: Grid) -> [ScreenCell] {
        var line = cells(grid.row(row))
        while line.last == ScreenCell() { line.removeLast() }
        return line
    }
}
