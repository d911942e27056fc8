/// A UUID of version 7 (RFC 9562): the first 48 bits are milliseconds since the epoch, the rest is random.
public struct Identifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The 16 bytes, most significant first.
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new identifier for something that begins at `time`.
    public static func make(at time: RecordTime, using generator: inout some RandomNumberGenerator) -> Identifier {
        let milliseconds = UInt64(bitPattern: time.microseconds / 1000) & 0xFFFF_FFFF_FFFF
        let a = generator.next() as UInt64
        let b = generator.next() as UInt64
        return Identifier(
            high: milliseconds << 16 | 0x7000 | (a & 0x0FFF), low: 0x8000_0000_0000_0000 | (b & 0x3FFF_FFFF_FFFF_FFFF))
    }

    /// One that says nothing of when it was made: a random UUID, version 4.
    public static func random() -> Identifier {
        Identifier(
            high: UInt64.random(in: 0...UInt64.max) & ~0xF000 | 0x4000,
            low: UInt64.random(in: 0...UInt64.max) & ~(3 << 62) | 1 << 63)
    }

    /// The identifier of these 16 bytes; nil if there are not 16.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for byte in bytes {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte)
        }
        self.init(high: high, low: low)
    }

    public var bytes: [UInt8] {
        [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) } }
    }

    /// The canonical text form, `01997c3e-…`.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for digit in 0..<32 {
            if digit == 8 || digit == 12 || digit == 16 || digit == 20 { text.append(UInt8(ascii: "-")) }
            let word = digit < 16 ? high : low
            text.append(HexDigits.byte(of: UInt8(truncatingIfNeeded: word >> (60 - 4 * UInt64(digit & 15)))))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the canonical text form; nil if it is not one.
    public init?(_ text: some StringProtocol) {
        var words: (high: UInt64, low: UInt64) = (0, 0)
        var digits = 0
        for byte in text.utf8 where byte != UInt8(ascii: "-") {
            guard digits < 32, let value = HexDigits.value(of: byte) else { return nil }
            if digits < 16 { words.high = words.high << 4 | value } else { words.low = words.low << 4 | value }
            digits += 1
        }
        guard digits == 32 else { return nil }
        self.init(high: words.high, low: words.low)
    }

    /// When it was minted, as far as the identifier tells.
    public var time: RecordTime { RecordTime(milliseconds: Int64(high >> 16)) }

    /// Twelve characters of the random part, most random first; people type the first six, or any unique prefix.
    ///
    /// Letters are those of Crockford's base 32: no i, l, o, u.
    public var short: String {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
        return String((0..<12).map { alphabet[Int(low >> (5 * UInt64($0)) & 31)] })
    }

    public static func < (a: Identifier, b: Identifier) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

/// A producer of events in a session; nobody but the process that minted it appends to it.
public struct SourceID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let identifier: Identifier
    public init(_ identifier: Identifier) { self.identifier = identifier }
    public init?(bytes: some Collection<UInt8>) {
        guard let identifier = Identifier(bytes: bytes) else { return nil }
        self.identifier = identifier
    }
    public static func make(at time: RecordTime) -> SourceID {
        var generator = SystemRandomNumberGenerator()
        return SourceID(.make(at: time, using: &generator))
    }
    public var bytes: [UInt8] { identifier.bytes }
    public var description: String { identifier.description }
    public static func < (a: SourceID, b: SourceID) -> Bool { a.identifier < b.identifier }
}

/// A span of work of one person in one workspace.
public struct SessionID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let identifier: Identifier
    public init(_ identifier: Identifier) { self.identifier = identifier }
    public init?(bytes: some Collection<UInt8>) {
        guard let identifier = Identifier(bytes: bytes) else { return nil }
        self.identifier = identifier
    }
    public static func make(at time: RecordTime) -> SessionID {
        var generator = SystemRandomNumberGenerator()
        return SessionID(.make(at: time, using: &generator))
    }
    public var bytes: [UInt8] { identifier.bytes }
    /// What people see and type: six characters.
    public var short: String { String(identifier.short.prefix(6)) }
    public var description: String { identifier.description }
    public static func < (a: SessionID, b: SessionID) -> Bool { a.identifier < b.identifier }
}
