extension Screen {
    /// C0 controls.
    mutating func control(_ byte: UInt8) {
        switch byte {
        case 0x08: moveLeft(1)
        case 0x09: moveToTab(1)
        case 0x0A, 0x0B, 0x0C:
            index()
            if modes.contains(.newLine) { cursor.column = 0 }
            cursor.pendingWrap = false
        case 0x0D:
            cursor.column = 0
            cursor.pendingWrap = false
        case 0x0E: charsets.shifted = true
        case 0x0F: charsets.shifted = false
        default: break
        }
    }

    /// The byte after ESC, or after ESC and intermediates.
    mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x1B: beginEscape()
        case 0x18, 0x1A: parser.endSequence()
        case 0x00...0x1F: control(byte)
        case 0x20...0x2F: parser.intermediate = parser.intermediate == 0 ? byte : 0xFF
        case 0x30...0x7E:
            let intermediate = parser.intermediate
            parser.endSequence()
            if intermediate == 0 { escapeFinal(byte) } else { escapeFinal(byte, after: intermediate) }
        case 0x80...:
            parser.endSequence()
        default: break
        }
    }

    private mutating func escapeFinal(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "["): parser.beginControl()
        case UInt8(ascii: "]"): parser.state = .systemCommand
        case UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"): parser.state = .string
        case UInt8(ascii: "D"): lineFeed()
        case UInt8(ascii: "E"):
            lineFeed()
            cursor.column = 0
        case UInt8(ascii: "H"): tabs[cursor.column] = true
        case UInt8(ascii: "M"): reverseIndex()
        case UInt8(ascii: "7"): saveCursor()
        case UInt8(ascii: "8"): restoreCursor()
        case UInt8(ascii: "="): modes.insert(.applicationKeypad)
        case UInt8(ascii: ">"): modes.remove(.applicationKeypad)
        case UInt8(ascii: "c"): reset()
        default: break
        }
    }

    private mutating func escapeFinal(_ byte: UInt8, after intermediate: UInt8) {
        switch intermediate {
        case UInt8(ascii: "("): charsets.drawing[0] = byte == UInt8(ascii: "0")
        case UInt8(ascii: ")"): charsets.drawing[1] = byte == UInt8(ascii: "0")
        case UInt8(ascii: "#"): if byte == UInt8(ascii: "8") { alignmentPattern() }
        default: break
        }
    }

    private mutating func lineFeed() {
        index()
        cursor.pendingWrap = false
    }

    /// DECALN: the screen full of E.
    private mutating func alignmentPattern() {
        var cell = Cell.blank
        cell.content = UInt32(UInt8(ascii: "E"))
        grid.clear(0...rows - 1, with: cell)
        region = 0...rows - 1
        modes.remove(.origin)
        moveTo(row: 0, column: 0)
    }

    mutating func saveCursor() {
        saved = SavedCursor(
            row: cursor.row, column: cursor.column, pendingWrap: cursor.pendingWrap, origin: modes.contains(.origin),
            pen: pen, charsets: charsets)
    }

    mutating func restoreCursor() {
        pen = saved.pen
        charsets = saved.charsets
        if saved.origin { modes.insert(.origin) } else { modes.remove(.origin) }
        let rows = saved.origin ? region : 0...self.rows - 1
        cursor.row = min(max(saved.row, rows.lowerBound), rows.upperBound)
        cursor.column = min(saved.column, columns - 1)
        cursor.pendingWrap = saved.pendingWrap && cursor.column == columns - 1 && modes.contains(.autowrap)
    }

    /// RIS: as new, but for the scrollback and the title.
    private mutating func reset() {
        var fresh = Screen(columns: columns, rows: rows, scrollbackLimit: scrollback.limit)
        fresh.scrollback = scrollback
        fresh.clusters = clusters
        fresh.extras = extras
        fresh.title = title
        fresh.workingDirectory = workingDirectory
        self = fresh
    }

    /// DECSTR: modes and pen as new, what is shown stays.
    mutating func softReset() {
        modes.remove([.origin, .insert, .applicationCursorKeys, .applicationKeypad])
        modes.insert(.autowrap)
        cursor.isVisible = true
        region = 0...rows - 1
        pen = .plainPen
        charsets = Charsets()
        saved = SavedCursor()
    }
}
