/// Finds places in JSON text by skipping over what is not looked for: which members an object has, and in which line
/// a value stands. It checks nothing (the reader does), and gives up where the text is not JSON.
struct JSONOutline {
    /// One step on the way to a value.
    enum Step {
        case member(String)
        case element(Int)
    }

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The names of the first value's members, as far as the text goes, and what each number among them is.
    static func members(of bytes: [UInt8]) -> [String: Double?] {
        var outline = JSONOutline(bytes)
        var members: [String: Double?] = [:]
        outline.forEachMember { name, outline in
            let start = outline.position
            guard outline.skipValue() else { return false }
            members[name] = .some(Double(String(decoding: bytes[start..<outline.position], as: UTF8.self)))
            return true
        } atLeast: { name in
            members[name] = .some(nil)
        }
        return members
    }

    /// The line, from 1, in which the value at the end of `path` begins; as far as the way goes.
    static func line(of path: [Step], in bytes: [UInt8]) -> Int {
        var outline = JSONOutline(bytes)
        for step in path { guard outline.enter(step) else { break } }
        return line(ofByte: outline.position, in: bytes)
    }

    static func line(ofByte position: Int, in bytes: [UInt8]) -> Int {
        bytes.prefix(position).reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
    }

    /// Goes to a part of the value here; stays if there is none.
    private mutating func enter(_ step: Step) -> Bool {
        let start = position
        switch step {
        case .member(let wanted):
            var found: Int?
            forEachMember { name, outline in
                if name == wanted {
                    found = outline.position
                    return false
                }
                return outline.skipValue()
            }
            position = found ?? start
            return found != nil
        case .element(let index):
            skipSpace()
            guard take("[") else { return false }
            for _ in 0..<index {
                guard skipValue() else {
                    position = start
                    return false
                }
                skipSpace()
                _ = take(",")
            }
            skipSpace()
            return true
        }
    }

    /// Calls `visit` at each member's value until it says false; `visit` goes past the value.
    private mutating func forEachMember(
        _ visit: (String, inout JSONOutline) -> Bool, atLeast named: (String) -> Void = { _ in }
    ) {
        skipSpace()
        guard take("{") else { return }
        while true {
            skipSpace()
            let start = position
            guard peek == UInt8(ascii: "\""), skipValue(), position > start + 1 else { return }
            let name = String(decoding: bytes[(start + 1)..<(position - 1)], as: UTF8.self)
            skipSpace()
            guard take(":") else { return }
            skipSpace()
            named(name)
            guard visit(name, &self) else { return }
            skipSpace()
            guard take(",") else { return }
        }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Goes past one value; false where the text ends in it.
    private mutating func skipValue() -> Bool {
        skipSpace()
        var depth = 0
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                while let byte = peek, byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
                guard position < bytes.count else {
                    position = bytes.count
                    return false
                }
                position += 1
                if depth == 0 { return true }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return true }
                depth -= 1
                position += 1
                if depth == 0 { return true }
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09:
                if depth == 0 { return true }
                position += 1
            default: position += 1
            }
        }
        return false
    }
}
