extension Screen {
    /// Reads `encoded()` back.
    /// - Throws: `ScreenError` for any bytes that are not a screen; they never trap nor take more memory than a screen
    ///   of the size they name.
    public init(encoded: some Collection<UInt8>) throws(ScreenError) {
        var reader = ScreenReader(Array(encoded))
        let version = try reader.byte()
        guard version == Screen.encodingVersion else {
            throw ScreenError(.version, "The screen has version \(version), known is \(Screen.encodingVersion)", at: 0)
        }
        let columns = try reader.number(in: 1...Screen.largestSide, "The width")
        let rows = try reader.number(in: 1...Screen.largestSide, "The height")
        let limit = try reader.number(in: 0...1_000_000, "The scrollback limit")
        self.init(columns: columns, rows: rows, scrollbackLimit: limit)
        modes = ScreenModes(rawValue: UInt32(try reader.number(in: 0...Int(ScreenModes.known.rawValue), "The modes")))
        let top = try reader.number(in: 0...rows - 1, "The top of the region")
        region = top...(try reader.number(in: top...rows - 1, "The bottom of the region"))
        lastPrinted = try reader.number()
        guard lastPrinted == 0 || Screen.isPrintable(lastPrinted) && CharacterWidth.of(lastPrinted) > 0 else {
            throw reader.error("\(lastPrinted) cannot have been printed")
        }
        try decodeCursor(&reader)
        let tabs = try reader.string(atMost: columns, "the tab stops")
        guard tabs.count == columns, tabs.allSatisfy({ $0 <= 1 }) else { throw reader.error("The tab stops are wrong") }
        self.tabs = tabs.map { $0 == 1 }
        title = try Screen.decodeText(&reader, "the title")
        let hasDirectory = try reader.flag()
        let directory = try Screen.decodeText(&reader, "the directory")
        workingDirectory = hasDirectory ? directory : nil
        try decodeParser(&reader)
        try decodePools(&reader)
        (pen, charsets) = try decodePen(&reader)
        saved = try decodeSaved(&reader)
        hiddenSaved = try decodeSaved(&reader)
        grid = try decodeGrid(&reader)
        hidden = try reader.flag() ? try decodeGrid(&reader) : nil
        let lines = try reader.number(in: 0...limit, "The number of lines above the screen")
        for _ in 0..<lines {
            let (line, wrap) = try decodeLine(&reader)
            scrollback.append(line[...], wrap: wrap)
        }
        guard reader.isAtEnd else { throw reader.error("Bytes follow the screen") }
    }

    /// An OSC is capped, but one bad byte in it may have become a replacement character of three.
    private static func decodeText(_ reader: inout ScreenReader, _ what: String) throws(ScreenError) -> String {
        let bytes = try reader.string(atMost: Parser.commandLimit * 3, what)
        guard isClean(bytes) else { throw reader.error("There are control characters in \(what)") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isClean(_ bytes: [UInt8]) -> Bool { Array(clean(bytes).utf8) == bytes }

    private mutating func decodeCursor(_ reader: inout ScreenReader) throws(ScreenError) {
        cursor.row = try reader.number(in: 0...rows - 1, "The cursor's row")
        cursor.column = try reader.number(in: 0...columns - 1, "The cursor's column")
        cursor.pendingWrap = try reader.flag()
        if cursor.pendingWrap, cursor.column != columns - 1 || !modes.contains(.autowrap) {
            throw reader.error("The cursor cannot be waiting")
        }
        cursor.isVisible = try reader.flag()
        guard let shape = ScreenCursor.Shape(rawValue: try reader.byte()) else {
            throw reader.error("The cursor has no such shape")
        }
        cursor.shape = shape
        cursor.blinks = try reader.flag()
    }

    private mutating func decodeParser(_ reader: inout ScreenReader) throws(ScreenError) {
        guard let state = Parser.State(rawValue: try reader.byte()) else {
            throw reader.error("The parser has no such state")
        }
        parser.state = state
        let inside = state == .control || state == .ignored
        let least = inside ? 1 : 0
        let count = try reader.number(in: least...(inside ? Parser.parameterLimit : 0), "The number of parameters")
        var parameters: [UInt16] = []
        for _ in 0..<count { parameters.append(UInt16(try reader.number(in: 0...65_535, "A parameter"))) }
        parser.restore(parameters: parameters, colons: try reader.number())
        parser.prefix = try reader.byte()
        parser.intermediate = try reader.byte()
        parser.command = try reader.string(atMost: Parser.commandLimit, "an unfinished command")
        parser.commandOverflows = try reader.flag()
        parser.partial = UInt32(try reader.number(in: 0...0x10FFFF, "An unfinished character"))
        parser.missing = try reader.byte()
        parser.lowest = try reader.byte()
        parser.highest = try reader.byte()
        guard parser.missing <= 3, parser.partial <= 0x43FF, parser.missing > 0 || parser.partial == 0,
            (0x80...0xBF).contains(parser.lowest), (0x80...0xBF).contains(parser.highest)
        else { throw reader.error("The unfinished character is none") }
    }

    private mutating func decodePools(_ reader: inout ScreenReader) throws(ScreenError) {
        let clusterCount = try reader.number(in: 0...Pool<[UInt32]>.countLimit - 1, "The number of clusters")
        for number in 0..<clusterCount {
            let count = try reader.number(in: 2...Screen.clusterLimit, "The length of a cluster")
            var cluster: [UInt32] = []
            for _ in 0..<count { cluster.append(try reader.number()) }
            guard cluster.allSatisfy(Screen.isPrintable), cluster.dropFirst().allSatisfy({ CharacterWidth.of($0) == 0 })
            else { throw reader.error("A cluster is not a character with marks") }
            guard clusters.insert(cluster, weight: 64) == UInt32(number + 1) else {
                throw reader.error("A cluster is there twice")
            }
        }
        let extraCount = try reader.number(in: 0...Pool<CellExtra>.countLimit - 1, "The number of links")
        for number in 0..<extraCount {
            var extra = CellExtra(underlineColor: try decodeColor(&reader))
            extra.link = try reader.string(atMost: Screen.linkLimit, "a link")
            guard Screen.isClean(extra.link) else { throw reader.error("A link has control characters") }
            guard extras.insert(extra, weight: extra.weight) == UInt32(number + 1) else {
                throw reader.error("A link is there twice")
            }
        }
    }

    private func decodeColor(_ reader: inout ScreenReader) throws(ScreenError) -> UInt32 {
        let value = try reader.number()
        guard PackedColor.isValid(value) else { throw reader.error("\(value) is no colour") }
        return value
    }

    private func decodeStyle(_ reader: inout ScreenReader) throws(ScreenError) -> Cell {
        var cell = Cell.plainPen
        cell.content = UInt32(try reader.byte()) << 24
        let foreground = try reader.number()
        guard PackedColor.isValid(foreground & PackedColor.mask), foreground >> 26 <= 5 else {
            throw reader.error("\(foreground) is no colour")
        }
        cell.foreground = foreground
        cell.background = try decodeColor(&reader)
        cell.extra = try reader.number()
        guard Int(cell.extra) < extras.values.count else { throw reader.error("There is no link \(cell.extra)") }
        return cell
    }

    private func decodePen(_ reader: inout ScreenReader) throws(ScreenError) -> (Cell, Charsets) {
        let pen = try decodeStyle(&reader)
        let drawing = [try reader.flag(), try reader.flag()]
        return (pen, Charsets(drawing: drawing, shifted: try reader.flag()))
    }

    private func decodeSaved(_ reader: inout ScreenReader) throws(ScreenError) -> SavedCursor {
        var saved = SavedCursor()
        saved.row = try reader.number(in: 0...rows - 1, "The saved row")
        saved.column = try reader.number(in: 0...columns - 1, "The saved column")
        saved.pendingWrap = try reader.flag()
        saved.origin = try reader.flag()
        (saved.pen, saved.charsets) = try decodePen(&reader)
        return saved
    }

    private func decodeGrid(_ reader: inout ScreenReader) throws(ScreenError) -> Grid {
        var grid = Grid(columns: columns, rows: rows)
        for row in 0..<rows {
            let (line, wrap) = try decodeLine(&reader)
            grid.setRow(row, line[...])
            grid.wraps[row] = wrap
        }
        return grid
    }

    private func decodeLine(_ reader: inout ScreenReader) throws(ScreenError) -> ([Cell], Wrap) {
        let head = try reader.number(in: 0...columns << 2 | 3, "The length of a line")
        let count = head >> 2
        guard let wrap = Wrap(rawValue: UInt8(head & 3)) else { throw reader.error("A line cannot end so") }
        var line: [Cell] = []
        line.reserveCapacity(count)
        var style = Cell.plainPen
        while line.count < count {
            let run = try reader.number(in: 2...(count - line.count) << 1 | 1, "The length of a run")
            if run & 1 == 1 { style = try decodeStyle(&reader) }
            let end = line.count + (run >> 1)
            while line.count < end {
                if line.last?.isWide != true { reader.appendASCII(to: &line, until: end, style: style) }
                if line.count == end { break }
                var cell = style
                cell.content |= try decodeGlyph(&reader, after: line.last)
                line.append(cell)
            }
        }
        if line.last?.isWide == true { throw reader.error("A wide character has no second half") }
        return (line, wrap)
    }

    private func decodeGlyph(_ reader: inout ScreenReader, after last: Cell?) throws(ScreenError) -> UInt32 {
        let content = try reader.number()
        if content < 0x7F, content >= 0x20, last?.isWide != true { return content }
        let cell = Cell(content: content, foreground: 0, background: 0, extra: 0)
        guard content & (Cell.attributeMask) == 0, content & Cell.spanMask != Cell.spanMask,
            cell.isTail == (last?.isWide == true)
        else { throw reader.error("\(content) is no cell") }
        if cell.isTail {
            guard content == 0x20 | Cell.tailBit else { throw reader.error("\(content) is no second half") }
            return content
        }
        if cell.isCluster, cell.glyph == 0 || Int(cell.glyph) >= clusters.values.count {
            throw reader.error("There is no cluster \(cell.glyph)")
        }
        let base = cell.isCluster ? clusters[cell.glyph].first ?? 0 : cell.glyph
        guard Screen.isPrintable(base), CharacterWidth.of(base) == (cell.isWide ? 2 : 1) else {
            throw reader.error("\(base) is no character of that width")
        }
        return content
    }
}
