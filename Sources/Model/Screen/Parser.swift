/// Where the reader of terminal bytes is inside a sequence. Bytes may be cut anywhere, so this is part of the state.
struct Parser: Sendable {
    enum State: UInt8 {
        case ground, escape
        /// `CSI`, reading parameters and intermediates; `ignored` once it cannot be a valid sequence.
        case control, ignored
        case systemCommand
        /// DCS, APC, PM or SOS: read over up to its end.
        case string
    }

    static let parameterLimit = 32
    static let commandLimit = 4_096

    var state = State.ground
    private(set) var parameters = [UInt16](repeating: 0, count: parameterLimit)
    private(set) var parameterCount = 0
    /// Bit n: parameter n follows a colon, so it belongs to the one before it.
    private(set) var colons: UInt32 = 0
    /// `<`, `=`, `>` or `?` of a control sequence; else 0.
    var prefix: UInt8 = 0
    /// The byte before the final one; 0 if none, 0xFF if several.
    var intermediate: UInt8 = 0
    /// The text of an OSC so far; empty outside one.
    var command: [UInt8] = []
    /// The OSC is longer than anything that is kept.
    var commandOverflows = false

    /// The unfinished UTF-8 character: its bits so far, bytes missing, and the bounds of the next byte.
    var partial: UInt32 = 0
    var missing: UInt8 = 0
    var lowest: UInt8 = 0x80
    var highest: UInt8 = 0xBF

    init() {}

    mutating func beginControl() {
        state = .control
        parameters[0] = 0
        parameterCount = 1
        colons = 0
        prefix = 0
        intermediate = 0
    }

    mutating func endSequence() {
        state = .ground
        parameterCount = 0
        colons = 0
        prefix = 0
        intermediate = 0
    }

    mutating func digit(_ byte: UInt8) {
        let index = parameterCount &- 1
        let value = UInt32(parameters[index]) &* 10 &+ UInt32(byte &- 0x30)
        parameters[index] = UInt16(truncatingIfNeeded: min(value, 65_535))
    }

    /// More than the limit means the sequence is nothing any program sends.
    mutating func nextParameter(colon: Bool) {
        guard parameterCount < Parser.parameterLimit else {
            state = .ignored
            return
        }
        if colon { colons |= 1 << UInt32(parameterCount) }
        parameters[parameterCount] = 0
        parameterCount += 1
    }

    /// The parameter, or `standard` where it is left out or 0.
    func parameter(_ index: Int, or standard: Int) -> Int {
        guard index < parameterCount, parameters[index] != 0 else { return standard }
        return Int(parameters[index])
    }

    func value(_ index: Int) -> UInt16 { index < parameterCount ? parameters[index] : 0 }

    func isSub(_ index: Int) -> Bool { index < parameterCount && colons & (1 << UInt32(index)) != 0 }

    /// For decoding: the state of a control sequence under way.
    mutating func restore(parameters restored: [UInt16], colons: UInt32) {
        for (index, value) in restored.prefix(Parser.parameterLimit).enumerated() { parameters[index] = value }
        parameterCount = min(restored.count, Parser.parameterLimit)
        self.colons = colons
    }
}

extension Parser: Equatable {
    static func == (one: Parser, other: Parser) -> Bool {
        one.state == other.state && one.parameterCount == other.parameterCount && one.colons == other.colons
            && one.parameters[..<one.parameterCount] == other.parameters[..<other.parameterCount]
            && one.prefix == other.prefix && one.intermediate == other.intermediate && one.command == other.command
            && one.commandOverflows == other.commandOverflows && one.missing == other.missing
            && one.partial == other.partial && one.lowest == other.lowest && one.highest == other.highest
    }
}
