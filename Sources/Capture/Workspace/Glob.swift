/// Shell patterns over bytes, as git matches paths: `*`, `?` and sets stop at `/`, `**` does not.
///
/// The time is bounded by the product of the lengths, whatever the pattern.
enum Glob {
    private static let slash = UInt8(ascii: "/")
    private static let star = UInt8(ascii: "*")

    static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        let names = text.split(separator: slash, omittingEmptySubsequences: false)
        let parts = pattern.split(separator: slash, omittingEmptySubsequences: false)
        // After each part of the pattern: how many names it and those before it can stand for.
        var reached = [Bool](repeating: false, count: names.count + 1)
        reached[0] = true
        var wasDouble = false
        for (index, part) in parts.enumerated() {
            let isDouble = part.count >= 2 && part.allSatisfy { $0 == star }
            defer { wasDouble = isDouble }
            guard let first = reached.firstIndex(of: true) else { return false }
            if isDouble {
                if index == parts.count - 1 { return first < names.count }
                if !wasDouble { for place in first..<reached.count { reached[place] = true } }
                continue
            }
            for place in reached.indices.reversed() {
                reached[place] = place > 0 && reached[place - 1] && matchesName(part, names[place - 1])
            }
        }
        return reached[names.count]
    }

    /// Within one name only the last star can have to give way.
    private static func matchesName(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        var pattern = pattern
        var name = name
        var retry: (pattern: ArraySlice<UInt8>, name: ArraySlice<UInt8>)?
        while true {
            if pattern.first == star {
                pattern = pattern.drop { $0 == star }
                if pattern.isEmpty { return true }
                retry = (pattern, name)
                continue
            }
            if name.isEmpty { return pattern.isEmpty }
            if let rest = afterOne(pattern, name[name.startIndex]) {
                pattern = rest
                name = name.dropFirst()
                continue
            }
            guard let last = retry, !last.name.isEmpty else { return false }
            pattern = last.pattern
            name = last.name.dropFirst()
            retry = (pattern, name)
        }
    }

    /// The pattern after what stands for one byte; nil if the byte is not meant, or the pattern is at its end.
    private static func afterOne(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8>? {
        guard let first = pattern.first else { return nil }
        switch first {
        case UInt8(ascii: "?"): return pattern.dropFirst()
        case UInt8(ascii: "["):
            guard let (rest, isIn) = set(pattern.dropFirst(), holds: byte), isIn else { return nil }
            return rest
        case UInt8(ascii: "\\"): return pattern.dropFirst().first == byte ? pattern.dropFirst(2) : nil
        default: return first == byte ? pattern.dropFirst() : nil
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
