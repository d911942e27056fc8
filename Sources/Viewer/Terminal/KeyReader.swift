import Replay

/// What a viewer pressed, read from the bytes of a terminal.
public enum PlayerKey: Sendable, Equatable {
    case command(Player.Command)
    /// Back to what happens now; of a recording that has ended, to its end.
    case live
    case help
    case quit
}

/// Turns bytes of a terminal in raw mode into what the player understands; anything else is passed over.
public struct KeyReader: Sendable {
    private var pending: [UInt8] = []

    public init() {}

    public mutating func feed(_ bytes: some Sequence<UInt8>) -> [PlayerKey] {
        pending.append(contentsOf: bytes)
        var keys: [PlayerKey] = []
        while let first = pending.first {
            guard first == 0x1B, pending.count > 1 else {
                if first == 0x1B { break }
                pending.removeFirst()
                if let key = Self.key(first) { keys.append(key) }
                continue
            }
            guard pending[1] == UInt8(ascii: "[") || pending[1] == UInt8(ascii: "O") else {
                pending.removeFirst()
                continue
            }
            guard let end = pending.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else {
                if pending.count > 32 { pending = [] }
                break
            }
            if let key = Self.sequence(String(decoding: pending[2...end], as: UTF8.self)) { keys.append(key) }
            pending.removeSubrange(...end)
        }
        return keys
    }

    private static func key(_ byte: UInt8) -> PlayerKey? {
        switch byte {
        case UInt8(ascii: " "): .command(.togglePause)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): .command(.seekToFraction(Double(byte - 48) / 10))
        case UInt8(ascii: ","): .command(.step(-1))
        case UInt8(ascii: "."): .command(.step(1))
        case UInt8(ascii: "["): .command(.previousMarker)
        case UInt8(ascii: "]"): .command(.nextMarker)
        case UInt8(ascii: "+"), UInt8(ascii: "="): .command(.faster)
        case UInt8(ascii: "-"): .command(.slower)
        case 0x7F, 0x08: .command(.normalSpeed)
        case UInt8(ascii: "i"): .command(.toggleIdle)
        case UInt8(ascii: "g"): .command(.seekToFraction(0))
        case UInt8(ascii: "G"): .command(.seekToFraction(1))
        case UInt8(ascii: "l"), UInt8(ascii: "L"): .live
        case UInt8(ascii: "?"), UInt8(ascii: "h"): .help
        case UInt8(ascii: "q"), 0x03, 0x04: .quit
        default: nil
        }
    }

    private static func sequence(_ text: String) -> PlayerKey? {
        switch text {
        case "C": .command(.seekBy(.seconds(5)))
        case "D": .command(.seekBy(.seconds(-5)))
        case "1;2C": .command(.seekByFraction(0.1))
        case "1;2D": .command(.seekByFraction(-0.1))
        case "A": .command(.seekBy(.seconds(60)))
        case "B": .command(.seekBy(.seconds(-60)))
        case "5~": .command(.seekBy(.seconds(600)))
        case "6~": .command(.seekBy(.seconds(-600)))
        case "H", "1~", "7~": .command(.seekToFraction(0))
        case "F", "4~", "8~": .command(.seekToFraction(1))
        default: nil
        }
    }
}
