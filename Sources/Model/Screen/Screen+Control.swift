extension Screen {
    /// A whole control sequence, by its final byte.
    mutating func dispatchControl(_ final: UInt8) {
        switch (parser.prefix, parser.intermediate) {
        case (0, 0): if final == UInt8(ascii: "m") { selectGraphics() } else { plainControl(final) }
        case (UInt8(ascii: "?"), 0):
            switch final {
            case UInt8(ascii: "h"): setPrivateModes(true)
            case UInt8(ascii: "l"): setPrivateModes(false)
            // DECSED and DECSEL: nothing here is protected.
            case UInt8(ascii: "J"): eraseDisplay(parser.value(0))
            case UInt8(ascii: "K"): eraseLine(parser.value(0))
            default: break
            }
        case (0, UInt8(ascii: " ")): if final == UInt8(ascii: "q") { setCursorShape(parser.value(0)) }
        case (0, UInt8(ascii: "!")): if final == UInt8(ascii: "p") { softReset() }
        default: break
        }
    }

    private mutating func plainControl(_ final: UInt8) {
        let count = parser.parameter(0, or: 1)
        switch final {
        case UInt8(ascii: "A"): moveUp(count)
        case UInt8(ascii: "B"), UInt8(ascii: "e"): moveDown(count)
        case UInt8(ascii: "C"), UInt8(ascii: "a"): moveRight(count)
        case UInt8(ascii: "D"): moveLeft(count)
        case UInt8(ascii: "E"):
            moveDown(count)
            cursor.column = 0
        case UInt8(ascii: "F"):
            moveUp(count)
            cursor.column = 0
        case UInt8(ascii: "G"), UInt8(ascii: "`"): moveTo(column: count - 1)
        case UInt8(ascii: "H"), UInt8(ascii: "f"): moveTo(row: count - 1, column: parser.parameter(1, or: 1) - 1)
        case UInt8(ascii: "I"): moveToTab(count)
        case UInt8(ascii: "Z"): moveToTabBack(count)
        case UInt8(ascii: "d"): moveTo(row: count - 1)
        case UInt8(ascii: "b"): repeatLast(count)
        case UInt8(ascii: "g"): clearTabs(parser.value(0))
        case UInt8(ascii: "h"): setModes(true)
        case UInt8(ascii: "l"): setModes(false)
        case UInt8(ascii: "r"): setRegion()
        case UInt8(ascii: "s"): saveCursor()
        case UInt8(ascii: "u"): restoreCursor()
        default: edit(final, count)
        }
    }

    /// The sequences that erase, insert, delete and scroll.
    private mutating func edit(_ final: UInt8, _ count: Int) {
        switch final {
        case UInt8(ascii: "J"): eraseDisplay(parser.value(0))
        case UInt8(ascii: "K"): eraseLine(parser.value(0))
        case UInt8(ascii: "@"):
            grid.insertCells(count, row: cursor.row, column: cursor.column, fill: erased)
            cursor.pendingWrap = false
        case UInt8(ascii: "P"):
            grid.deleteCells(count, row: cursor.row, column: cursor.column, fill: erased)
            cursor.pendingWrap = false
        case UInt8(ascii: "X"):
            grid.fill(row: cursor.row, cursor.column..<min(cursor.column + count, columns), with: erased)
            cursor.pendingWrap = false
        case UInt8(ascii: "L"): moveLines(count, down: true)
        case UInt8(ascii: "M"): moveLines(count, down: false)
        case UInt8(ascii: "S"): scrollUp(count)
        // With more parameters it is the start of mouse highlighting.
        case UInt8(ascii: "T"):
            if parser.parameterCount == 1 { grid.scrollDown(region, by: min(count, region.count), fill: erased) }
        default: break
        }
    }

    /// IL and DL, at the cursor's row inside the region.
    private mutating func moveLines(_ count: Int, down: Bool) {
        guard region.contains(cursor.row) else { return }
        let part = cursor.row...region.upperBound
        let count = min(count, part.count)
        if down {
            grid.scrollDown(part, by: count, fill: erased)
        } else {
            grid.scrollUp(part, by: count, fill: erased)
        }
        cursor.column = 0
        cursor.pendingWrap = false
    }

    /// DECSTBM.
    private mutating func setRegion() {
        let top = parser.parameter(0, or: 1) - 1
        let bottom = min(parser.parameter(1, or: rows), rows) - 1
        guard top < bottom || (rows == 1 && top == 0) else { return }
        region = top...bottom
        moveTo(row: 0, column: 0)
    }

    private mutating func clearTabs(_ which: UInt16) {
        if which == 0 { tabs[cursor.column] = false }
        if which == 3 { tabs = [Bool](repeating: false, count: columns) }
    }

    /// DECSCUSR.
    private mutating func setCursorShape(_ style: UInt16) {
        guard style <= 6 else { return }
        cursor.shape = style <= 2 ? .block : style <= 4 ? .underline : .bar
        cursor.blinks = style == 0 || style % 2 == 1
    }
}
