extension Screen {
    /// Gives the screen another size. Lines of the primary screen that were wrapped flow into the new width, and what
    /// no longer fits goes to the scrollback or comes back from it; the alternate screen is cut or padded.
    public mutating func resize(columns newColumns: Int, rows newRows: Int) {
        let newColumns = Screen.clamped(newColumns)
        let newRows = Screen.clamped(newRows)
        guard newColumns != columns || newRows != rows else { return }
        let cursorPlace = Place(row: cursor.row, column: cursor.column, pendingWrap: cursor.pendingWrap)
        if let primary = hidden {
            var places = [hiddenSaved.place]
            hidden = reflow(primary, columns: newColumns, rows: newRows, places: &places)
            hiddenSaved.place = places[0]
            cut(columns: newColumns, rows: newRows)
        } else {
            var places = [cursorPlace, saved.place]
            grid = reflow(grid, columns: newColumns, rows: newRows, places: &places)
            cursor.row = places[0].row
            cursor.column = places[0].column
            cursor.pendingWrap = places[0].pendingWrap && modes.contains(.autowrap)
            saved.place = places[1]
            hiddenSaved.place = hiddenSaved.place.clamped(columns: newColumns, rows: newRows)
        }
        region = 0...newRows - 1
        tabs = Array((tabs + Screen.standardTabs(newColumns).dropFirst(tabs.count)).prefix(newColumns))
    }

    /// The alternate screen: the top left corner stays, so that the cursor stays too.
    private mutating func cut(columns newColumns: Int, rows newRows: Int) {
        let first = max(cursor.row - (newRows - 1), 0)
        var fresh = Grid(columns: newColumns, rows: newRows)
        for row in 0..<min(newRows, rows - first) {
            fresh.setRow(row, grid.row(first + row))
            // A wide character cut in half is gone.
            if fresh[row, newColumns - 1].isWide { fresh[row, newColumns - 1] = fresh[row, newColumns - 1].emptied }
        }
        grid = fresh
        cursor.row -= first
        cursor.pendingWrap = cursor.pendingWrap && cursor.column == newColumns - 1
        cursor.column = min(cursor.column, newColumns - 1)
        saved.place = saved.place.clamped(columns: newColumns, rows: newRows)
    }

    private mutating func reflow(_ old: Grid, columns: Int, rows: Int, places: inout [Place]) -> Grid {
        let above = scrollback.count
        var used = places[0].row
        for row in (0..<old.rows).reversed() where row > used && (!old.row(row).trimmed.isEmpty) {
            used = row
            break
        }
        let wasFull = used == old.rows - 1
        var flow = LineFlow(columns: columns)
        for index in 0..<above {
            let line = scrollback.line(index)
            flow.add(line.cells, wrap: line.wrap, marks: [])
        }
        for row in 0..<old.rows {
            var marks: [LineFlow.Mark] = row == 0 ? [.init(name: -1, offset: 0)] : []
            for (name, place) in places.enumerated() where place.row == row {
                marks.append(.init(name: name, offset: place.column + (place.pendingWrap ? 1 : 0)))
            }
            guard row <= used || !marks.isEmpty else { continue }
            flow.add(old.flowing(row), wrap: row < used ? old.wraps[row] : .ended, marks: marks)
        }
        flow.finish()
        let oldTop = flow.found[-1]?.line ?? 0
        // The saved cursor may lie on rows below everything; those are not worth scrolling for.
        let total = min(flow.lines.count, max(flow.lastUsed, flow.found[0]?.line ?? 0) + 1)
        var top = total - rows
        if top < oldTop, !wasFull || rows <= old.rows { top = oldTop }
        // The cursor's line is always in view.
        top = min(max(top, 0), flow.found[0]?.line ?? 0)
        scrollback.removeAll()
        for line in flow.lines[..<top] { scrollback.append(line.cells[...], wrap: line.wrap) }
        var fresh = Grid(columns: columns, rows: rows)
        for (row, line) in flow.lines[top...].prefix(rows).enumerated() {
            fresh.setRow(row, line.cells[...])
            fresh.wraps[row] = line.wrap
        }
        for name in places.indices {
            guard let found = flow.found[name] else { continue }
            let isPending = found.column >= columns
            places[name] = Place(row: found.line - top, column: found.column, pendingWrap: isPending)
                .clamped(columns: columns, rows: rows)
        }
        return fresh
    }
}

/// A cursor position that must survive a resize.
struct Place: Equatable, Sendable {
    var row: Int
    var column: Int
    var pendingWrap: Bool

    func clamped(columns: Int, rows: Int) -> Place {
        let inside = min(max(column, 0), columns - 1)
        return Place(
            row: min(max(row, 0), rows - 1), column: inside, pendingWrap: pendingWrap && column >= columns - 1)
    }
}

extension Screen.SavedCursor {
    var place: Place {
        get { Place(row: row, column: column, pendingWrap: pendingWrap) }
        set {
            row = newValue.row
            column = newValue.column
            pendingWrap = newValue.pendingWrap
        }
    }
}
