/// How a row ends.
enum Wrap: UInt8, Sendable {
    case ended
    /// Its text goes on in the next row.
    case wrapped
    /// So it does, but the last column is only blank because a wide character did not fit.
    case padded
}

/// The visible cells: flat storage and a table of where each row starts, so that scrolling moves no cells.
struct Grid: Sendable {
    let columns: Int
    let rows: Int
    private(set) var cells: [Cell]
    /// Row → index of its first cell.
    private(set) var starts: [Int]
    /// Row → how it ends.
    var wraps: [Wrap]

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = [Cell](repeating: .blank, count: columns * rows)
        starts = (0..<rows).map { $0 * columns }
        wraps = [Wrap](repeating: .ended, count: rows)
    }

    subscript(row: Int, column: Int) -> Cell {
        get { cells[starts[row] &+ column] }
        set { cells[starts[row] &+ column] = newValue }
    }

    func row(_ row: Int) -> ArraySlice<Cell> {
        cells[starts[row]..<starts[row] + columns]
    }

    /// The row without the blank that is not text.
    func flowing(_ row: Int) -> ArraySlice<Cell> {
        let cells = self.row(row)
        return wraps[row] == .padded && cells.last?.isSpace == true ? cells.dropLast() : cells
    }

    mutating func setRow(_ row: Int, _ line: ArraySlice<Cell>) {
        var target = starts[row]
        for cell in line.prefix(columns) {
            cells[target] = cell
            target += 1
        }
    }

    /// Writes printable ASCII in one style.
    mutating func write(_ bytes: Span<UInt8>, _ range: Range<Int>, row: Int, column: Int, pen: Cell) {
        let start = starts[row] &+ column
        splitWide(row: row, at: column)
        if column + range.count < columns { splitWide(row: row, at: column + range.count) }
        var cell = pen
        let source = bytes.extracting(range)
        for index in source.indices {
            cell.content = pen.content | UInt32(source[index])
            cells[start &+ index] = cell
        }
    }

    mutating func fill(row: Int, _ range: Range<Int>, with cell: Cell) {
        guard !range.isEmpty else { return }
        splitWide(row: row, at: range.lowerBound)
        if range.upperBound < columns { splitWide(row: row, at: range.upperBound) }
        let start = starts[row]
        for index in start + range.lowerBound..<start + range.upperBound { cells[index] = cell }
        if range.upperBound == columns { wraps[row] = .ended }
    }

    /// If a wide character lies across the border before `column`, both halves become spaces.
    mutating func splitWide(row: Int, at column: Int) {
        let index = starts[row] &+ column
        guard column > 0, cells[index].isTail else { return }
        cells[index] = cells[index].emptied
        cells[index - 1] = cells[index - 1].emptied
    }

    /// Opens `count` cells at `column`; what leaves the right edge is lost.
    mutating func insertCells(_ count: Int, row: Int, column: Int, fill: Cell) {
        let start = starts[row]
        splitWide(row: row, at: column)
        if column + count < columns {
            splitWide(row: row, at: columns - count)
            for index in stride(from: start + columns - 1, through: start + column + count, by: -1) {
                cells[index] = cells[index - count]
            }
        }
        for index in start + column..<start + min(column + count, columns) { cells[index] = fill }
        wraps[row] = .ended
    }

    /// Removes `count` cells at `column`; the rest moves left.
    mutating func deleteCells(_ count: Int, row: Int, column: Int, fill: Cell) {
        let start = starts[row]
        splitWide(row: row, at: column)
        let kept = max(columns - column - count, 0)
        if kept > 0 {
            splitWide(row: row, at: column + count)
            for index in start + column..<start + column + kept { cells[index] = cells[index + count] }
        }
        for index in start + column + kept..<start + columns { cells[index] = fill }
        wraps[row] = .ended
    }

    /// Moves the rows of the region up; `count` blank rows appear at its bottom.
    mutating func scrollUp(_ region: ClosedRange<Int>, by count: Int, fill: Cell) {
        let top = region.lowerBound
        let bottom = region.upperBound
        if count == 1 {
            let freed = starts[top]
            for row in top..<bottom {
                starts[row] = starts[row &+ 1]
                wraps[row] = wraps[row &+ 1]
            }
            starts[bottom] = freed
            clear(bottom...bottom, with: fill)
            return
        }
        guard count < region.count else { return clear(region, with: fill) }
        let freed = Array(starts[top..<top + count])
        for row in top...(bottom - count) {
            starts[row] = starts[row + count]
            wraps[row] = wraps[row + count]
        }
        for (index, start) in freed.enumerated() { starts[bottom - count + 1 + index] = start }
        clear(bottom - count + 1...bottom, with: fill)
    }

    /// Moves the rows of the region down; `count` blank rows appear at its top.
    mutating func scrollDown(_ region: ClosedRange<Int>, by count: Int, fill: Cell) {
        let top = region.lowerBound
        let bottom = region.upperBound
        guard count < region.count else { return clear(region, with: fill) }
        let freed = Array(starts[bottom - count + 1...bottom])
        for row in stride(from: bottom, through: top + count, by: -1) {
            starts[row] = starts[row - count]
            wraps[row] = wraps[row - count]
        }
        for (index, start) in freed.enumerated() { starts[top + index] = start }
        clear(top...top + count - 1, with: fill)
    }

    mutating func clear(_ region: ClosedRange<Int>, with cell: Cell) {
        for row in region {
            let start = starts[row]
            for index in start..<start &+ columns { cells[index] = cell }
            wraps[row] = .ended
        }
    }

    mutating func mapCells(_ change: (inout Cell) -> Void) {
        for index in cells.indices { change(&cells[index]) }
    }
}

extension Grid: Equatable {
    static func == (one: Grid, other: Grid) -> Bool {
        one.columns == other.columns && one.rows == other.rows && one.wraps == other.wraps
            && (0..<one.rows).allSatisfy { one.row($0) == other.row($0) }
    }
}
