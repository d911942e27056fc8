/// Writes the encoded form of a screen: unsigned LEB128 numbers, byte strings with their length before them.
struct ScreenWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func number(_ value: UInt32) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func number(_ value: Int) { number(UInt32(truncatingIfNeeded: value)) }

    mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }

    mutating func string(_ value: some Collection<UInt8>) {
        number(value.count)
        bytes.append(contentsOf: value)
    }
}

/// Reads it back; every number is checked against the most it may be before anything is made of it.
struct ScreenReader {
    let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset >= bytes.count }

    func error(_ message: String, _ code: ScreenError.Code = .malformed) -> ScreenError {
        ScreenError(code, message, at: offset)
    }

    mutating func byte() throws(ScreenError) -> UInt8 {
        guard offset < bytes.count else { throw error("The screen ends too early") }
        defer { offset &+= 1 }
        return bytes[offset]
    }

    mutating func number() throws(ScreenError) -> UInt32 {
        var value: UInt32 = 0
        for shift: UInt32 in stride(from: 0, through: 28, by: 7) {
            let next = try byte()
            if shift == 28, next > 0x0F { throw error("A number is too large") }
            value |= UInt32(next & 0x7F) << shift
            if next < 0x80 { return value }
        }
        throw error("A number is too long")
    }

    /// A number within bounds.
    mutating func number(in range: ClosedRange<Int>, _ what: String) throws(ScreenError) -> Int {
        let value = Int(try number())
        guard range.contains(value) else { throw error("\(what) is \(value), not in \(range)", .limit) }
        return value
    }

    /// The printable ASCII that comes next, as cells of one style: most of a screen, so it has a way of its own.
    mutating func appendASCII(to line: inout [Cell], until end: Int, style: Cell) {
        var cell = style
        let stop = min(bytes.count, offset + end - line.count)
        while offset < stop {
            let byte = bytes[offset]
            guard byte &- 0x20 < 0x5F else { return }
            cell.content = style.content | UInt32(byte)
            line.append(cell)
            offset &+= 1
        }
    }

    mutating func flag() throws(ScreenError) -> Bool {
        let value = try byte()
        guard value <= 1 else { throw error("A flag is \(value)") }
        return value == 1
    }

    mutating func string(atMost limit: Int, _ what: String) throws(ScreenError) -> [UInt8] {
        let count = try number(in: 0...limit, "The length of \(what)")
        guard count <= bytes.count - offset else { throw error("The screen ends too early") }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }
}
