extension Screen {
    /// First byte of the encoded form.
    static let encodingVersion: UInt8 = 1

    /// The complete state in a compact form of its own: what is shown and hidden, the scrollback, and an unfinished
    /// sequence. `init(encoded:)` gives an equal screen.
    public func encoded() -> [UInt8] {
        var writer = ScreenWriter()
        writer.byte(Screen.encodingVersion)
        writer.number(columns)
        writer.number(rows)
        writer.number(scrollback.limit)
        writer.number(modes.rawValue)
        writer.number(region.lowerBound)
        writer.number(region.upperBound)
        writer.number(lastPrinted)
        encodeCursor(&writer)
        writer.string(tabs.map { $0 ? 1 : 0 })
        writer.string(title.utf8)
        writer.flag(workingDirectory != nil)
        writer.string((workingDirectory ?? "").utf8)
        encodeParser(&writer)
        encodePools(&writer)
        encodePen(pen, charsets, &writer)
        encodeSaved(saved, &writer)
        encodeSaved(hiddenSaved, &writer)
        encodeGrid(grid, &writer)
        writer.flag(hidden != nil)
        if let hidden { encodeGrid(hidden, &writer) }
        writer.number(scrollback.count)
        for index in 0..<scrollback.count {
            let line = scrollback.line(index)
            encodeLine(line.cells, wrap: line.wrap, &writer)
        }
        return writer.bytes
    }

    private func encodeCursor(_ writer: inout ScreenWriter) {
        writer.number(cursor.row)
        writer.number(cursor.column)
        writer.flag(cursor.pendingWrap)
        writer.flag(cursor.isVisible)
        writer.byte(cursor.shape.rawValue)
        writer.flag(cursor.blinks)
    }

    private func encodeParser(_ writer: inout ScreenWriter) {
        writer.byte(parser.state.rawValue)
        writer.number(parser.parameterCount)
        for index in 0..<parser.parameterCount { writer.number(UInt32(parser.value(index))) }
        writer.number(parser.colons)
        writer.byte(parser.prefix)
        writer.byte(parser.intermediate)
        writer.string(parser.command)
        writer.flag(parser.commandOverflows)
        writer.number(parser.partial)
        writer.byte(parser.missing)
        writer.byte(parser.lowest)
        writer.byte(parser.highest)
    }

    private func encodePools(_ writer: inout ScreenWriter) {
        writer.number(clusters.values.count - 1)
        for cluster in clusters.values.dropFirst() {
            writer.number(cluster.count)
            for scalar in cluster { writer.number(scalar) }
        }
        writer.number(extras.values.count - 1)
        for extra in extras.values.dropFirst() {
            writer.number(extra.underlineColor)
            writer.string(extra.link)
        }
    }

    private func encodePen(_ pen: Cell, _ charsets: Charsets, _ writer: inout ScreenWriter) {
        encodeStyle(pen, &writer)
        let flags = [charsets.drawing[0], charsets.drawing[1], charsets.shifted]
        for flag in flags { writer.flag(flag) }
    }

    private func encodeSaved(_ saved: SavedCursor, _ writer: inout ScreenWriter) {
        writer.number(saved.row)
        writer.number(saved.column)
        writer.flag(saved.pendingWrap)
        writer.flag(saved.origin)
        encodePen(saved.pen, saved.charsets, &writer)
    }

    private func encodeStyle(_ cell: Cell, _ writer: inout ScreenWriter) {
        writer.byte(UInt8(cell.content >> 24))
        writer.number(cell.foreground)
        writer.number(cell.background)
        writer.number(cell.extra)
    }

    private func encodeGrid(_ grid: Grid, _ writer: inout ScreenWriter) {
        for row in 0..<grid.rows {
            encodeLine(grid.row(row).trimmed, wrap: grid.wraps[row], &writer)
        }
    }

    /// Count and wrap, then runs of one style: length with "style follows" as its lowest bit, style, glyphs.
    /// A style is written only where it differs from the last one of the line.
    private func encodeLine(_ line: ArraySlice<Cell>, wrap: Wrap, _ writer: inout ScreenWriter) {
        writer.number(line.count << 2 | Int(wrap.rawValue))
        var last = Cell.blank
        var index = line.startIndex
        while index < line.endIndex {
            let first = line[index]
            var end = index + 1
            while end < line.endIndex, line[end].sameStyle(as: first) { end += 1 }
            let changes = !first.sameStyle(as: last)
            writer.number((end - index) << 1 | (changes ? 1 : 0))
            if changes { encodeStyle(first, &writer) }
            last = first
            // ASCII is below 0x80 either way; the span and cluster bits sit above the scalar.
            while index < end {
                writer.number(line[index].content & ~Cell.attributeMask)
                index += 1
            }
        }
    }
}
