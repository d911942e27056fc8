extension Screen {
    /// SGR.
    mutating func selectGraphics() {
        var index = 0
        while index < parser.parameterCount {
            let value = parser.value(index)
            var next = index + 1
            while parser.isSub(next) { next += 1 }
            switch value {
            case 0: resetPen()
            case 4: underline(next > index + 1 ? parser.value(index + 1) : 1)
            case 21: underline(2)
            case 24: underline(0)
            case 30...37: pen.foreground = pen.foreground & ~PackedColor.mask | PackedColor.indexed(UInt32(value) - 30)
            case 39: pen.foreground &= ~PackedColor.mask
            case 40...47: pen.background = PackedColor.indexed(UInt32(value) - 40)
            case 49: pen.background = 0
            case 90...97: pen.foreground = pen.foreground & ~PackedColor.mask | PackedColor.indexed(UInt32(value) - 82)
            case 100...107: pen.background = PackedColor.indexed(UInt32(value) - 92)
            case 38, 48, 58: next = extendedColor(value, at: index, end: next)
            case 59: setUnderlineColor(0)
            default: flag(value)
            }
            index = next
        }
    }

    private mutating func resetPen() {
        let extra = pen.extra
        pen = .plainPen
        guard extra != 0 else { return }
        // A link is not an attribute: SGR 0 leaves it.
        pen.extra = extra
        setUnderlineColor(0)
    }

    private mutating func flag(_ value: UInt16) {
        switch value {
        case 1: pen.content |= Cell.bold
        case 2: pen.content |= Cell.dim
        case 3: pen.content |= Cell.italic
        case 5, 6: pen.content |= Cell.blink
        case 7: pen.content |= Cell.inverse
        case 8: pen.content |= Cell.hidden
        case 9: pen.content |= Cell.strike
        case 22: pen.content &= ~(Cell.bold | Cell.dim)
        case 23: pen.content &= ~Cell.italic
        case 25: pen.content &= ~Cell.blink
        case 27: pen.content &= ~Cell.inverse
        case 28: pen.content &= ~Cell.hidden
        case 29: pen.content &= ~Cell.strike
        case 53: pen.content |= Cell.overline
        case 55: pen.content &= ~Cell.overline
        default: break
        }
    }

    private mutating func underline(_ kind: UInt16) {
        guard kind <= 5 else { return }
        pen.foreground = pen.foreground & PackedColor.mask | UInt32(kind) << 26
    }

    /// `38;5;n`, `38;2;r;g;b`, `38:5:n`, `38:2:r:g:b` and `38:2:space:r:g:b`; returns behind it.
    private mutating func extendedColor(_ target: UInt16, at index: Int, end: Int) -> Int {
        let subs = end - index - 1
        var color: UInt32?
        var next = end
        if subs > 0 {
            if parser.value(index + 1) == 5, subs >= 2 {
                color = PackedColor.indexed(UInt32(parser.value(index + 2)))
            } else if parser.value(index + 1) == 2, subs >= 4 {
                color = rgb(at: subs >= 5 ? index + 3 : index + 2)
            }
        } else if parser.value(index + 1) == 5, index + 2 < parser.parameterCount {
            color = PackedColor.indexed(UInt32(parser.value(index + 2)))
            next = index + 3
        } else if parser.value(index + 1) == 2, index + 4 < parser.parameterCount {
            color = rgb(at: index + 2)
            next = index + 5
        } else {
            next = parser.parameterCount
        }
        guard let color else { return next }
        switch target {
        case 38: pen.foreground = pen.foreground & ~PackedColor.mask | color
        case 48: pen.background = color
        default: setUnderlineColor(color)
        }
        return next
    }

    private func rgb(at index: Int) -> UInt32 {
        PackedColor.rgb(
            UInt32(parser.value(index)), UInt32(parser.value(index + 1)), UInt32(parser.value(index + 2)))
    }

    private mutating func setUnderlineColor(_ color: UInt32) {
        var extra = extras[pen.extra]
        guard extra.underlineColor != color else { return }
        extra.underlineColor = color
        setExtra(extra)
    }

    mutating func setExtra(_ extra: CellExtra) {
        if extras.number(of: extra) == nil, extras.isFull { sweepExtras() }
        pen.extra = extras.insert(extra, weight: extra.weight)
    }
}
