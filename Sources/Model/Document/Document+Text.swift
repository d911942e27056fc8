import EventSchema

extension Document {
    /// The text before the gap, and the text behind it.
    private var parts: [ArraySlice<UInt8>] { [head[..<headCount], tail[tailStart...]] }

    /// The whole text.
    public var bytes: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(count)
        for part in parts { text.append(contentsOf: part) }
        return text
    }

    /// The bytes of `range`, as far as the text has them.
    public subscript(range: Range<Int>) -> [UInt8] {
        let range = range.clamped(to: 0..<count)
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        text.append(contentsOf: head[range.clamped(to: 0..<headCount)])
        let behind = range.clamped(to: headCount..<count)
        let shift = tailStart - headCount
        text.append(contentsOf: tail[(behind.lowerBound + shift)..<(behind.upperBound + shift)])
        return text
    }

    /// The SHA-256 of the text.
    public var hash: ContentHash { ContentHash(of: bytes) }

    /// How many lines the text has: one more than it has line feeds.
    public var lineCount: Int { parts.reduce(1) { $0 + Self.feeds(in: $1) } }

    /// The line, from 0, that the byte at `offset` is in; an offset outside the text counts as its nearest end.
    public func line(of offset: Int) -> Int {
        let offset = min(max(offset, 0), count)
        guard offset > headCount else { return Self.feeds(in: head[..<offset]) }
        return Self.feeds(in: head[..<headCount]) + Self.feeds(in: tail[tailStart..<(tailStart + offset - headCount)])
    }

    /// Where `line` (from 0) begins; nil if there is no such line.
    public func offset(ofLine line: Int) -> Int? {
        guard line > 0 else { return line == 0 ? 0 : nil }
        var left = line
        var before = 0
        for part in parts {
            for index in part.indices where part[index] == UInt8(ascii: "\n") {
                left -= 1
                if left == 0 { return before + index - part.startIndex + 1 }
            }
            before += part.count
        }
        return nil
    }

    /// The bytes of `line` (from 0) without its line feed; nil if there is no such line.
    public func text(ofLine line: Int) -> [UInt8]? {
        guard let start = offset(ofLine: line) else { return nil }
        var text = self[start..<max(start, headCount)]
        if let end = text.firstIndex(of: UInt8(ascii: "\n")) { return Array(text[..<end]) }
        let behind = tail[(tailStart + max(0, start - headCount))...]
        text.append(contentsOf: behind.prefix { $0 != UInt8(ascii: "\n") })
        return text
    }

    private static func feeds(in part: ArraySlice<UInt8>) -> Int {
        var count = 0
        for byte in part where byte == UInt8(ascii: "\n") { count &+= 1 }
        return count
    }
}
