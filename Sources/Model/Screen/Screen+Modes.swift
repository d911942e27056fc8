extension Screen {
    /// SM and RM.
    mutating func setModes(_ on: Bool) {
        for index in 0..<parser.parameterCount {
            switch parser.value(index) {
            case 4: set(.insert, on)
            case 20: set(.newLine, on)
            default: break
            }
        }
    }

    /// DECSET and DECRST.
    mutating func setPrivateModes(_ on: Bool) {
        for index in 0..<parser.parameterCount { setPrivateMode(parser.value(index), on) }
    }

    private mutating func setPrivateMode(_ number: UInt16, _ on: Bool) {
        switch number {
        case 6:
            set(.origin, on)
            moveTo(row: 0, column: 0)
        case 7:
            set(.autowrap, on)
            if !on { cursor.pendingWrap = false }
        case 12: cursor.blinks = on
        case 25: cursor.isVisible = on
        case 47: if on { showAlternate() } else { showPrimary() }
        case 1047:
            // Its contents are gone when it is left.
            if on { showAlternate() } else if isAlternate { leaveAlternate() }
        case 1048: if on { saveCursor() } else { restoreCursor() }
        case 1049:
            if on {
                guard !isAlternate else { return }
                saveCursor()
                showAlternate()
            } else {
                guard isAlternate else { return }
                leaveAlternate()
                restoreCursor()
            }
        default:
            for (known, mode) in ScreenModes.privateNumbers where known == number { set(mode, on) }
        }
    }

    private mutating func set(_ mode: ScreenModes, _ on: Bool) {
        if on { modes.insert(mode) } else { modes.remove(mode) }
    }

    private mutating func leaveAlternate() { showPrimary() }

    /// The alternate screen always begins empty.
    private mutating func showAlternate() {
        guard hidden == nil else { return }
        hidden = grid
        grid = Grid(columns: columns, rows: rows)
        grid.clear(0...rows - 1, with: erased)
        swapSaved()
    }

    private mutating func showPrimary() {
        guard let primary = hidden else { return }
        grid = primary
        hidden = nil
        swapSaved()
    }

    private mutating func swapSaved() {
        let other = hiddenSaved
        hiddenSaved = saved
        saved = other
    }
}
