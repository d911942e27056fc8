import EventSchema

extension Document {
    /// The whole text.
    public var bytes: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(count)
        text.append(contentsOf: storage[..<gapStart])
        text.append(contentsOf: storage[gapEnd...])
        return text
    }

    /// The bytes of `range`, as far as the text has them.
    public subscript(range: Range<Int>) -> [UInt8] {
        let range = range.clamped(to: 0..<count)
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        let before = range.clamped(to: 0..<gapStart)
        text.append(contentsOf: storage[before])
        let behind = range.clamped(to: gapStart..<count)
        let gap = gapEnd - gapStart
        text.append(contentsOf: storage[(behind.lowerBound + gap)..<(behind.upperBound + gap)])
        return text
    }

    /// The SHA-256 of the text.
    public var hash: ContentHash { ContentHash(of: bytes) }

    /// How many lines the text has: one more than it has line feeds.
    public var lineCount: Int { feeds(in: 0..<gapStart) + feeds(in: gapEnd..<storage.count) + 1 }

    /// The line, from 0, that the byte at `offset` is in; an offset outside the text counts as its nearest end.
    public func line(of offset: Int) -> Int {
        let offset = min(max(offset, 0), count)
        guard offset > gapStart else { return feeds(in: 0..<offset) }
        return feeds(in: 0..<gapStart) + feeds(in: gapEnd..<(offset + gapEnd - gapStart))
    }

    /// Where `line` (from 0) begins; nil if there is no such line.
    public func offset(ofLine line: Int) -> Int? {
        guard line >= 0 else { return nil }
        var left = line
        guard left > 0 else { return 0 }
        for part in [0..<gapStart, gapEnd..<storage.count] {
            for index in part where storage[index] == UInt8(ascii: "\n") {
                left -= 1
                if left == 0 { return index < gapStart ? index + 1 : index + 1 - (gapEnd - gapStart) }
            }
        }
        return nil
    }

    /// The bytes of `line` (from 0) without its line feed; nil if there is no such line.
    public func text(ofLine line: Int) -> [UInt8]? {
        guard let start = offset(ofLine: line) else { return nil }
        var end = start
        let gap = gapEnd - gapStart
        while end < count, storage[end < gapStart ? end : end + gap] != UInt8(ascii: "\n") { end += 1 }
        return self[start..<end]
    }

    private func feeds(in range: Range<Int>) -> Int {
        var count = 0
        for index in range where storage[index] == UInt8(ascii: "\n") { count &+= 1 }
        return count
    }
}
