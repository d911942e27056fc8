/// Shell patterns over bytes, as git matches paths: `*`, `?` and sets stop at `/`, `**` does not.
enum Glob {
    static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var failed: Set<Pair> = []
        return matches(pattern, text, atStart: true, &failed)
    }

    /// Places that are known not to match: without them hostile patterns (`*a*a*a…`) take for ever.
    private struct Pair: Hashable {
        var pattern: Int
        var text: Int
    }

    private static let slash = UInt8(ascii: "/")

    private static func matches(
        _ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>, atStart: Bool, _ failed: inout Set<Pair>
    ) -> Bool {
        let key = Pair(pattern: pattern.startIndex, text: text.startIndex)
        if failed.contains(key) { return false }
        let result = step(pattern, text, atStart: atStart, &failed)
        if !result { failed.insert(key) }
        return result
    }

    private static func step(
        _ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>, atStart: Bool, _ failed: inout Set<Pair>
    ) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        switch first {
        case UInt8(ascii: "*"):
            let stars = pattern.prefix { $0 == first }
            let rest = pattern.dropFirst(stars.count)
            if stars.count >= 2, atStart, rest.isEmpty || rest.first == slash {
                return crossing(rest, text, &failed)
            }
            var tail = text
            while true {
                if matches(rest, tail, atStart: false, &failed) { return true }
                guard let byte = tail.first, byte != slash else { return false }
                tail = tail.dropFirst()
            }
        case UInt8(ascii: "?"):
            guard let byte = text.first, byte != slash else { return false }
            return matches(pattern.dropFirst(), text.dropFirst(), atStart: false, &failed)
        case UInt8(ascii: "["):
            guard let byte = text.first, byte != slash, let (rest, isIn) = set(pattern.dropFirst(), holds: byte), isIn
            else { return false }
            return matches(rest, text.dropFirst(), atStart: false, &failed)
        case UInt8(ascii: "\\"):
            guard let quoted = pattern.dropFirst().first, text.first == quoted else { return false }
            return matches(pattern.dropFirst(2), text.dropFirst(), atStart: quoted == slash, &failed)
        default:
            guard text.first == first else { return false }
            return matches(pattern.dropFirst(), text.dropFirst(), atStart: first == slash, &failed)
        }
    }

    /// `**` alone between slashes: any number of directories; at the end: anything.
    private static func crossing(_ rest: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>, _ failed: inout Set<Pair>)
        -> Bool
    {
        if rest.isEmpty { return true }
        let after = rest.dropFirst()
        var tail = text
        while true {
            if matches(after, tail, atStart: true, &failed) { return true }
            guard let next = tail.firstIndex(of: slash) else { return false }
            tail = tail[(next + 1)...]
        }
    }

    /// Whether the set that begins here holds the byte, and what follows it; nil for a set without end.
    private static func set(_ pattern: ArraySlice<UInt8>, holds byte: UInt8) -> (rest: ArraySlice<UInt8>, isIn: Bool)? {
        var rest = pattern
        var isNegated = false
        if let mark = rest.first, mark == UInt8(ascii: "!") || mark == UInt8(ascii: "^") {
            isNegated = true
            rest = rest.dropFirst()
        }
        var isIn = false
        var isFirst = true
        while let next = rest.first {
            if next == UInt8(ascii: "]"), !isFirst { return (rest.dropFirst(), isIn != isNegated) }
            isFirst = false
            if next == UInt8(ascii: "["), rest.dropFirst().first == UInt8(ascii: ":"),
                let end = classEnd(rest.dropFirst(2))
            {
                if CharacterClass.holds(byte, named: rest.dropFirst(2)[..<end]) { isIn = true }
                rest = rest[(end + 2)...]
                continue
            }
            guard let low = member(&rest) else { return nil }
            if rest.first == UInt8(ascii: "-"), let after = rest.dropFirst().first, after != UInt8(ascii: "]") {
                rest = rest.dropFirst()
                guard let high = member(&rest) else { return nil }
                if low <= byte && byte <= high { isIn = true }
            } else if low == byte {
                isIn = true
            }
        }
        return nil
    }

    private static func member(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        if rest.first == UInt8(ascii: "\\") { rest = rest.dropFirst() }
        return rest.popFirst()
    }

    private static func classEnd(_ rest: ArraySlice<UInt8>) -> Int? {
        guard let colon = rest.firstIndex(of: UInt8(ascii: ":")), rest[colon...].dropFirst().first == UInt8(ascii: "]")
        else { return nil }
        return colon
    }
}

/// The named sets of bytes in a shell pattern (`[[:digit:]]`).
enum CharacterClass {
    static func holds(_ byte: UInt8, named name: ArraySlice<UInt8>) -> Bool {
        let isUpper = (0x41...0x5A).contains(byte)
        let isLower = (0x61...0x7A).contains(byte)
        let isDigit = (0x30...0x39).contains(byte)
        return switch String(decoding: name, as: UTF8.self) {
        case "alpha": isUpper || isLower
        case "upper": isUpper
        case "lower": isLower
        case "digit": isDigit
        case "alnum": isUpper || isLower || isDigit
        case "xdigit": isDigit || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
        case "space": byte == 0x20 || (0x09...0x0D).contains(byte)
        case "blank": byte == 0x20 || byte == 0x09
        case "punct": (0x21...0x7E).contains(byte) && !isUpper && !isLower && !isDigit
        default: false
        }
    }
}
