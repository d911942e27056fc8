import Foundation

extension Screen {
    /// Takes bytes a program wrote, cut anywhere.
    public mutating func feed(_ bytes: [UInt8]) { consume(bytes.span) }

    public mutating func feed(_ bytes: ArraySlice<UInt8>) { consume(bytes.span) }

    public mutating func feed(_ data: Data) { feed([UInt8](data)) }

    public mutating func feed(_ text: String) { feed(Array(text.utf8)) }

    mutating func consume(_ bytes: Span<UInt8>) {
        var index = 0
        while index < bytes.count {
            switch parser.state {
            case .ground: index = readText(bytes, from: index)
            case .control, .ignored: index = readControl(bytes, from: index)
            case .systemCommand, .string: index = readString(bytes, from: index)
            case .escape:
                escape(bytes[index])
                index += 1
            }
        }
    }

    /// Text and single controls; returns behind what it has read.
    private mutating func readText(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        let end = bytes.count
        while index < end {
            let byte = bytes[index]
            if byte >= 0x80 {
                readUTF8(byte)
                index &+= 1
                continue
            }
            if parser.missing != 0 { abandonCharacter() }
            if byte &- 0x20 < 0x5F {
                var stop = index &+ 1
                while stop < end, bytes[stop] &- 0x20 < 0x5F { stop &+= 1 }
                printASCII(bytes, index..<stop)
                index = stop
            } else if byte == 0x1B {
                beginEscape()
                return index &+ 1
            } else {
                control(byte)
                index &+= 1
            }
        }
        return index
    }

    /// One byte of a character beyond ASCII. Bad bytes become U+FFFD, one for each longest possible beginning.
    private mutating func readUTF8(_ byte: UInt8) {
        if parser.missing != 0 {
            if byte >= parser.lowest, byte <= parser.highest {
                parser.partial = parser.partial << 6 | UInt32(byte & 0x3F)
                parser.missing &-= 1
                parser.lowest = 0x80
                parser.highest = 0xBF
                if parser.missing == 0 {
                    let scalar = parser.partial
                    parser.partial = 0
                    printScalar(scalar >= 0x80 && Unicode.Scalar(scalar) != nil ? scalar : 0xFFFD)
                }
                return
            }
            abandonCharacter()
        }
        switch byte {
        case 0xC2...0xDF: expect(1, byte & 0x1F)
        case 0xE0: expect(2, byte & 0x0F, lowest: 0xA0)
        case 0xED: expect(2, byte & 0x0F, highest: 0x9F)
        case 0xE1...0xEF: expect(2, byte & 0x0F)
        case 0xF0: expect(3, byte & 0x07, lowest: 0x90)
        case 0xF4: expect(3, byte & 0x07, highest: 0x8F)
        case 0xF1...0xF3: expect(3, byte & 0x07)
        default: printScalar(0xFFFD)
        }
    }

    private mutating func expect(_ missing: UInt8, _ bits: UInt8, lowest: UInt8 = 0x80, highest: UInt8 = 0xBF) {
        parser.partial = UInt32(bits)
        parser.missing = missing
        parser.lowest = lowest
        parser.highest = highest
    }

    private mutating func abandonCharacter() {
        parser.partial = 0
        parser.missing = 0
        parser.lowest = 0x80
        parser.highest = 0xBF
        printScalar(0xFFFD)
    }

    mutating func beginEscape() {
        parser.state = .escape
        parser.intermediate = 0
    }

    private mutating func readControl(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            index &+= 1
            switch byte {
            case 0x30...0x39:
                if parser.intermediate == 0 { parser.digit(byte) } else { parser.state = .ignored }
            case 0x3A, 0x3B:
                if parser.intermediate == 0 {
                    parser.nextParameter(colon: byte == 0x3A)
                } else {
                    parser.state = .ignored
                }
            case 0x40...0x7E:
                if parser.state == .control { dispatchControl(byte) }
                parser.endSequence()
                return index
            case 0x3C...0x3F:
                if parser.parameterCount == 1, parser.value(0) == 0, parser.prefix == 0, parser.intermediate == 0 {
                    parser.prefix = byte
                } else {
                    parser.state = .ignored
                }
            case 0x20...0x2F: parser.intermediate = parser.intermediate == 0 ? byte : 0xFF
            case 0x1B:
                parser.endSequence()
                beginEscape()
                return index
            case 0x18, 0x1A:
                parser.endSequence()
                return index
            case 0x7F: break
            case 0x80...: parser.state = .ignored
            default: control(byte)
            }
        }
        return index
    }

    /// OSC, and the strings that are read over.
    private mutating func readString(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        let isCommand = parser.state == .systemCommand
        while index < bytes.count {
            let byte = bytes[index]
            index &+= 1
            if byte >= 0x20 {
                guard isCommand else { continue }
                if parser.command.count < Parser.commandLimit {
                    parser.command.append(byte)
                } else {
                    parser.commandOverflows = true
                }
            } else if byte == 0x1B {
                if isCommand { endCommand() }
                beginEscape()
                return index
            } else if byte == 0x18 || byte == 0x1A {
                dropCommand()
                return index
            } else if byte == 0x07, isCommand {
                endCommand()
                return index
            }
        }
        return index
    }

    private mutating func endCommand() {
        let command = parser.commandOverflows ? [] : parser.command
        dropCommand()
        systemCommand(command)
    }

    private mutating func dropCommand() {
        parser.command = []
        parser.commandOverflows = false
        parser.state = .ground
    }
}
