import EventSchema
import Foundation

/// Random values of the kinds that events are made of, with the odd ones (empty, largest, not UTF-8) among them.
public struct RandomValues: Sendable {
    public var generator: SeededGenerator

    public init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    public mutating func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &generator) == 0 }
    public mutating func flag() -> Bool { Bool.random(using: &generator) }
    public mutating func below(_ n: Int) -> Int { Int.random(in: 0..<n, using: &generator) }

    public mutating func count32() -> UInt32 {
        switch below(8) {
        case 0: 0
        case 1: .max
        default: UInt32(below(300))
        }
    }

    public mutating func signed32() -> Int32 {
        switch below(8) {
        case 0: 0
        case 1: .max
        case 2: .min
        default: Int32(below(300)) - 20
        }
    }

    public mutating func count64() -> UInt64 {
        switch below(10) {
        case 0: 0
        case 1: .max
        case 2: 1 << 53 + UInt64(below(3))
        case 3: generator.next()
        default: UInt64(below(100_000))
        }
    }

    public mutating func signed64() -> Int64 {
        switch below(10) {
        case 0: 0
        case 1: .max
        case 2: .min
        case 3: Int64(bitPattern: generator.next())
        default: Int64(below(1_000_000_000)) - 1000
        }
    }

    public mutating func time() -> RecordTime {
        RecordTime(microseconds: 1_789_000_000_000_000 + Int64(below(1 << 45)))
    }

    private static let alphabet = Array("ab c\n\t\r\"\\/{}é→漢🙂\u{301}\u{0}\u{7F}\u{FEFF}\u{2028}".unicodeScalars)

    public mutating func text(_ longest: Int = 12) -> String {
        if chance(6) { return "" }
        var text = String.UnicodeScalarView()
        for _ in 0...below(longest) { text.append(Self.alphabet[below(Self.alphabet.count)]) }
        return String(text)
    }

    public mutating func bytes(_ longest: Int = 40) -> Data {
        if chance(3) { return Data((0..<below(longest + 1)).map { _ in UInt8.random(in: 0...255, using: &generator) }) }
        return Data(text(longest).utf8)
    }

    public mutating func hash() -> Data {
        chance(5) ? Data() : Data((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    public mutating func identifier() -> Identifier { Identifier.make(at: time(), using: &generator) }

    public mutating func content() -> Content {
        var content = Content()
        switch below(4) {
        case 0:
            content.hash = Data(ContentHash(of: bytes()).bytes)
            content.size = count64()
        case 1:
            content.inline = bytes()
            content.size = count64()
        default: content = ContentPieces.make(bytes()).content
        }
        return content
    }

    public mutating func list<Value>(_ longest: Int = 4, _ element: (inout RandomValues) -> Value) -> [Value] {
        let count = below(longest + 1)
        var values: [Value] = []
        for _ in 0..<count { values.append(element(&self)) }
        return values
    }

    /// One of the first `named` values of an enum, now and then one that no version knows yet.
    public mutating func number(of named: Int) -> Int { chance(10) ? 1000 + below(9) : below(named) }
}
