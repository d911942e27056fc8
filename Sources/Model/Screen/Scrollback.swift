/// Lines that left the top of the primary screen, oldest first, without trailing blanks.
///
/// Appending and dropping are amortised O(line): cells and lines grow at the end of one array and are compacted when
/// half of it is dead.
struct Scrollback: Sendable {
    struct Line: Equatable, Sendable {
        /// Counted from the first cell ever stored; `origin` makes it an index.
        var start: Int
        var count: Int
        var wrap: Wrap
    }

    /// More cells than this are not kept, whatever the number of lines (32 MB).
    static let cellLimit = 2_000_000

    let limit: Int
    private var cells: [Cell] = []
    private var origin = 0
    private var lines: [Line] = []
    private var dropped = 0

    init(limit: Int) { self.limit = max(limit, 0) }

    var count: Int { lines.count - dropped }

    /// Dead ones included.
    var cellCount: Int { cells.count }

    private var liveCells: Int { lines.count == dropped ? 0 : origin + cells.count - lines[dropped].start }

    func line(_ index: Int) -> (cells: ArraySlice<Cell>, wrap: Wrap) {
        let line = lines[dropped + index]
        let start = line.start - origin
        return (cells[start..<start + line.count], line.wrap)
    }

    mutating func append(_ row: ArraySlice<Cell>, wrap: Wrap) {
        guard limit > 0 else { return }
        let line = wrap == .ended ? row.trimmed : row
        lines.append(Line(start: origin + cells.count, count: line.count, wrap: wrap))
        cells.append(contentsOf: line)
        while count > limit || liveCells > Scrollback.cellLimit { dropped += 1 }
        if dropped > 256, dropped > lines.count / 2 { compact() }
    }

    mutating func removeAll() { self = Scrollback(limit: limit) }

    private mutating func compact() {
        lines.removeFirst(dropped)
        dropped = 0
        guard let first = lines.first else { return removeAll() }
        cells.removeFirst(first.start - origin)
        origin = first.start
    }

    mutating func mapCells(_ change: (inout Cell) -> Void) {
        compact()
        for index in cells.indices { change(&cells[index]) }
    }
}

extension Scrollback: Equatable {
    static func == (one: Scrollback, other: Scrollback) -> Bool {
        one.limit == other.limit && one.count == other.count
            && (0..<one.count).allSatisfy { one.line($0) == other.line($0) }
    }
}

extension ArraySlice<Cell> {
    /// Without the blank cells at the end.
    var trimmed: ArraySlice<Cell> {
        var end = endIndex
        while end > startIndex, self[end - 1] == .blank { end -= 1 }
        return self[startIndex..<end]
    }
}
