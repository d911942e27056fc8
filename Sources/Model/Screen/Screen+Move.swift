extension Screen {
    /// IND: down one row, scrolling at the bottom of the region.
    mutating func index() {
        if cursor.row == region.upperBound {
            scrollUp(1)
        } else if cursor.row < rows - 1 {
            cursor.row += 1
        }
    }

    /// RI: up one row, scrolling at the top of the region.
    mutating func reverseIndex() {
        cursor.pendingWrap = false
        if cursor.row == region.lowerBound {
            grid.scrollDown(region, by: 1, fill: erased)
        } else if cursor.row > 0 {
            cursor.row -= 1
        }
    }

    /// What leaves the top of the primary screen goes to the scrollback.
    mutating func scrollUp(_ count: Int) {
        let count = min(count, region.count)
        if hidden == nil, region.lowerBound == 0 {
            for row in 0..<count { scrollback.append(grid.flowing(row), wrap: grid.wraps[row]) }
        }
        grid.scrollUp(region, by: count, fill: erased)
    }

    /// Absolute, from 0; rows count from the region in origin mode.
    mutating func moveTo(row: Int, column: Int) {
        let rows = modes.contains(.origin) ? region : 0...self.rows - 1
        cursor.row = min(rows.lowerBound + max(row, 0), rows.upperBound)
        cursor.column = min(max(column, 0), columns - 1)
        cursor.pendingWrap = false
    }

    mutating func moveTo(column: Int) {
        cursor.column = min(max(column, 0), columns - 1)
        cursor.pendingWrap = false
    }

    /// VPA counts as CUP does.
    mutating func moveTo(row: Int) {
        moveTo(row: row, column: cursor.column)
    }

    mutating func moveUp(_ count: Int) {
        let stop = cursor.row >= region.lowerBound ? region.lowerBound : 0
        cursor.row = max(cursor.row - count, stop)
        cursor.pendingWrap = false
    }

    mutating func moveDown(_ count: Int) {
        let stop = cursor.row <= region.upperBound ? region.upperBound : rows - 1
        cursor.row = min(cursor.row + count, stop)
        cursor.pendingWrap = false
    }

    mutating func moveLeft(_ count: Int) { moveTo(column: cursor.column - count) }

    mutating func moveRight(_ count: Int) { moveTo(column: cursor.column + count) }

    mutating func moveToTab(_ count: Int) {
        var column = cursor.column
        for _ in 0..<min(count, columns) where column < columns - 1 {
            column += 1
            while column < columns - 1, !tabs[column] { column += 1 }
        }
        guard column != cursor.column else { return }
        moveTo(column: column)
    }

    mutating func moveToTabBack(_ count: Int) {
        var column = cursor.column
        for _ in 0..<min(count, columns) where column > 0 {
            column -= 1
            while column > 0, !tabs[column] { column -= 1 }
        }
        moveTo(column: column)
    }
}
