/// Joins wrapped rows to lines and breaks them again at another width, keeping track of marked cells.
struct LineFlow {
    struct Line {
        var cells: [Cell]
        var wrap: Wrap
    }

    /// A cell to be found again: its column in the row it came with.
    struct Mark {
        var name: Int
        var offset: Int
    }

    let columns: Int
    private(set) var lines: [Line] = []
    /// Where each mark is now; a column equal to `columns` is behind the last cell of a full row.
    private(set) var found: [Int: (line: Int, column: Int)] = [:]
    /// The last line that is not empty.
    private(set) var lastUsed = 0

    private var joined: [Cell] = []
    private var marks: [Mark] = []
    private var isOpen = false

    init(columns: Int) { self.columns = columns }

    mutating func add(_ row: ArraySlice<Cell>, wrap: Wrap, marks new: [Mark]) {
        let start = joined.count
        joined.append(contentsOf: wrap == .ended ? row.trimmed : row)
        for mark in new { marks.append(Mark(name: mark.name, offset: start + mark.offset)) }
        isOpen = wrap != .ended
        if !isOpen { flush() }
    }

    mutating func finish() {
        if isOpen { flush() }
        isOpen = false
    }

    private mutating func flush() {
        isOpen = false
        var place = 0
        let needed = max(joined.count, 0)
        var starts: [Int] = []
        repeat {
            starts.append(place)
            var end = min(place + columns, needed)
            // A wide character does not part; alone in a single column it loses its second half.
            if end < needed, joined[end].isTail, end - place > 1 { end -= 1 }
            var cells = Array(joined[place..<end])
            if cells.first?.isTail == true { cells[0] = cells[0].emptied }
            if cells.last?.isWide == true { cells[cells.count - 1] = cells[cells.count - 1].emptied }
            if !cells.isEmpty { lastUsed = lines.count }
            let wrap: Wrap = end == needed ? .ended : cells.count < columns ? .padded : .wrapped
            lines.append(Line(cells: cells, wrap: wrap))
            place = end
        } while place < needed
        let first = lines.count - starts.count
        for mark in marks {
            let index = starts.lastIndex { $0 <= mark.offset } ?? 0
            found[mark.name] = (first + index, min(mark.offset - starts[index], columns))
        }
        joined.removeAll(keepingCapacity: true)
        marks.removeAll(keepingCapacity: true)
    }
}
