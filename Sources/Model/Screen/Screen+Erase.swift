extension Screen {
    /// What erasing leaves: a blank on the pen's background.
    var erased: Cell { Cell(content: 0x20, foreground: 0, background: pen.background, extra: 0) }

    /// ED. As in xterm, erasing on the screen also ends a pending wrap.
    mutating func eraseDisplay(_ which: UInt16) {
        switch which {
        case 0:
            eraseLine(0)
            if cursor.row < rows - 1 { grid.clear(cursor.row + 1...rows - 1, with: erased) }
        case 1:
            if cursor.row > 0 { grid.clear(0...cursor.row - 1, with: erased) }
            eraseLine(1)
        case 2: grid.clear(0...rows - 1, with: erased)
        case 3: scrollback.removeAll()
        default: break
        }
        if which < 3 { cursor.pendingWrap = false }
    }

    /// EL.
    mutating func eraseLine(_ which: UInt16) {
        switch which {
        case 0: grid.fill(row: cursor.row, cursor.column..<columns, with: erased)
        case 1: grid.fill(row: cursor.row, 0..<cursor.column + 1, with: erased)
        case 2: grid.fill(row: cursor.row, 0..<columns, with: erased)
        default: return
        }
        cursor.pendingWrap = false
    }
}
