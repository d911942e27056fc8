extension Screen {
    /// DEC Special Graphics for 0x60–0x7E.
    private static let drawing: [UInt32] = [
        0x25C6, 0x2592, 0x2409, 0x240C, 0x240D, 0x240A, 0x00B0, 0x00B1, 0x2424, 0x240B, 0x2518, 0x2510, 0x250C, 0x2514,
        0x253C, 0x23BA, 0x23BB, 0x2500, 0x23BC, 0x23BD, 0x251C, 0x2524, 0x2534, 0x252C, 0x2502, 0x2264, 0x2265, 0x03C0,
        0x2260, 0x00A3, 0x00B7,
    ]

    /// A run of printable ASCII.
    mutating func printASCII(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        if charsets.isDrawing || modes.contains(.insert) {
            for index in range { printScalar(UInt32(bytes[index])) }
            return
        }
        var next = range.lowerBound
        while next < range.upperBound {
            if cursor.pendingWrap { wrapLine() }
            let count = min(columns &- cursor.column, range.upperBound &- next)
            grid.write(bytes, next..<next &+ count, row: cursor.row, column: cursor.column, pen: pen)
            next &+= count
            advance(by: count)
            if cursor.column == columns &- 1, !cursor.pendingWrap, next < range.upperBound, count == 1 {
                // Without autowrap everything lands in the last column: only the last character stays.
                next = max(next, range.upperBound &- 1)
            }
        }
        lastPrinted = UInt32(bytes[range.upperBound &- 1])
    }

    /// Moves behind what was printed at the cursor.
    private mutating func advance(by count: Int) {
        let column = cursor.column &+ count
        if column < columns {
            cursor.column = column
        } else {
            cursor.column = columns &- 1
            cursor.pendingWrap = modes.contains(.autowrap)
            grid.wraps[cursor.row] = .ended
        }
    }

    private mutating func wrapLine(_ wrap: Wrap = .wrapped) {
        cursor.pendingWrap = false
        guard modes.contains(.autowrap) else { return }
        grid.wraps[cursor.row] = wrap
        cursor.column = 0
        index()
    }

    mutating func printScalar(_ input: UInt32) {
        var scalar = input
        if charsets.isDrawing, scalar >= 0x60, scalar < 0x7F { scalar = Screen.drawing[Int(scalar) - 0x60] }
        // C1 controls as characters do nothing.
        if scalar >= 0x80, scalar < 0xA0 { return }
        let width = CharacterWidth.of(scalar)
        if width == 0 { return combine(scalar) }
        lastPrinted = scalar
        if cursor.pendingWrap { wrapLine() }
        if width == 2 {
            if columns > 1 { return printWide(scalar) }
            scalar = 0xFFFD
        }
        if modes.contains(.insert) {
            grid.insertCells(1, row: cursor.row, column: cursor.column, fill: erased)
        }
        grid.splitWide(row: cursor.row, at: cursor.column)
        if cursor.column + 1 < columns { grid.splitWide(row: cursor.row, at: cursor.column + 1) }
        var cell = pen
        cell.content |= scalar
        grid[cursor.row, cursor.column] = cell
        advance(by: 1)
    }

    private mutating func printWide(_ scalar: UInt32) {
        if cursor.column == columns - 1 {
            if modes.contains(.autowrap) { wrapLine(.padded) } else { cursor.column -= 1 }
        }
        let row = cursor.row
        let column = cursor.column
        if modes.contains(.insert) { grid.insertCells(2, row: row, column: column, fill: erased) }
        grid.splitWide(row: row, at: column)
        if column + 2 < columns { grid.splitWide(row: row, at: column + 2) }
        var cell = pen
        cell.content |= scalar | Cell.wideBit
        grid[row, column] = cell
        cell.content = pen.content | 0x20 | Cell.tailBit
        grid[row, column + 1] = cell
        advance(by: 2)
    }

    /// A cell keeps this many scalars; further marks on it are dropped.
    static let clusterLimit = 8

    /// Puts a mark on the character before the cursor.
    private mutating func combine(_ mark: UInt32) {
        var column = cursor.pendingWrap ? cursor.column : cursor.column - 1
        guard column >= 0 else { return }
        if column > 0, grid[cursor.row, column].isTail { column -= 1 }
        let cell = grid[cursor.row, column]
        var cluster = cell.isCluster ? clusters[cell.glyph] : [cell.glyph]
        guard cluster.count < Screen.clusterLimit else { return }
        cluster.append(mark)
        if clusters.number(of: cluster) == nil, clusters.isFull { sweepClusters() }
        let number = clusters.insert(cluster, weight: 64)
        let swept = grid[cursor.row, column]
        grid[cursor.row, column].content = swept.content & ~Cell.glyphMask | Cell.clusterBit | number
    }

    /// REP: the last character again, at most to the end of the line.
    mutating func repeatLast(_ count: Int) {
        guard lastPrinted != 0, !cursor.pendingWrap else { return }
        let width = max(CharacterWidth.of(lastPrinted), 1)
        for _ in 0..<min(count, (columns - cursor.column) / width) { printScalar(lastPrinted) }
    }
}
