import EventSchema

/// The text of one document as bytes, with a gap where the last edit was: an edit near it moves next to nothing.
///
/// Offsets are bytes of the text. Nothing here traps on a wrong one: edits throw, queries answer with what there is.
/// The parts before and behind the gap are arrays of their own, so that moving the gap is one copy from one to the
/// other, and typing touches the first alone.
public struct Document: Sendable {
    /// Its first `headCount` bytes are the text before the gap; the rest is room.
    @usableFromInline var head: [UInt8]
    @usableFromInline var headCount: Int
    /// From `tailStart` on it is the text behind the gap; what is before is room.
    @usableFromInline var tail: [UInt8] = []
    @usableFromInline var tailStart = 0

    /// A document with this text.
    public init(_ bytes: [UInt8] = []) {
        head = bytes
        headCount = bytes.count
    }

    /// How many bytes the text has.
    @inlinable public var count: Int { headCount &+ (tail.count &- tailStart) }

    /// Removes `removed` bytes at `offset` and puts `text` there.
    ///
    /// - Throws: `ModelError(.range)` if the bytes to remove are not in the text, which then stays as it is.
    @inlinable
    public mutating func replace(offset: Int, removed: Int, with text: [UInt8]) throws(ModelError) {
        try replace(offset: offset, removed: removed, from: text, in: 0..<text.count)
    }

    /// Removes `removed` bytes at `offset` and puts `text` there.
    ///
    /// - Throws: `ModelError(.range)` if the bytes to remove are not in the text, which then stays as it is.
    @inlinable
    public mutating func replace(offset: Int, removed: Int, with text: ArraySlice<UInt8>) throws(ModelError) {
        try replace(offset: offset, removed: removed, from: Array(text), in: 0..<text.count)
    }

    /// Removes `removed` bytes at `offset` and puts the bytes `range` of `source` there: the form without a copy
    /// for texts that lie in one column.
    ///
    /// - Throws: `ModelError(.range)` if one of the two ranges is not there; the text then stays as it is.
    @inlinable
    public mutating func replace(
        offset: Int, removed: Int, from source: [UInt8], in range: Range<Int>
    ) throws(ModelError) {
        let count = self.count
        guard offset >= 0, removed >= 0, offset <= count, removed <= count &- offset,
            range.lowerBound >= 0, range.upperBound <= source.count
        else { throw outside(offset: offset, removed: removed) }
        if offset &+ removed == headCount {
            headCount = offset
        } else {
            if offset != headCount { moveGap(to: offset) }
            tailStart &+= removed
        }
        let inserted = range.upperBound &- range.lowerBound
        guard inserted > 0 else { return }
        if inserted > head.count &- headCount { growHead(by: inserted) }
        if inserted == 1 {
            head[headCount] = source[range.lowerBound]
        } else {
            head.replaceSubrange(headCount..<(headCount &+ inserted), with: source[range])
        }
        headCount &+= inserted
    }

    @usableFromInline @inline(never)
    func outside(offset: Int, removed: Int) -> ModelError {
        ModelError(.range, "an edit of \(removed) bytes at \(offset) in a text of \(count)")
    }

    /// Moves the gap to an offset inside the text.
    @usableFromInline
    mutating func moveGap(to offset: Int) {
        if offset < headCount {
            let length = headCount &- offset
            if length > tailStart { growTail(by: length) }
            tail.replaceSubrange((tailStart &- length)..<tailStart, with: head[offset..<headCount])
            tailStart &-= length
        } else {
            let length = offset &- headCount
            if length > head.count &- headCount { growHead(by: length) }
            head.replaceSubrange(headCount..<offset, with: tail[tailStart..<(tailStart &+ length)])
            tailStart &+= length
        }
        headCount = offset
    }

    /// Makes room behind the head, in proportion to it, so that growing is rare.
    @usableFromInline @inline(never)
    mutating func growHead(by needed: Int) {
        let room = needed + max(64, headCount / 4)
        head.append(contentsOf: repeatElement(0, count: room - (head.count - headCount)))
    }

    /// Makes room before the tail.
    @usableFromInline @inline(never)
    mutating func growTail(by needed: Int) {
        let room = needed + max(64, (tail.count - tailStart) / 4)
        var larger: [UInt8] = []
        larger.reserveCapacity(room + tail.count - tailStart)
        larger.append(contentsOf: repeatElement(0, count: room))
        larger.append(contentsOf: tail[tailStart...])
        tail = larger
        tailStart = room
    }
}

extension Document: Equatable {
    public static func == (a: Document, b: Document) -> Bool {
        guard a.count == b.count else { return false }
        if a.headCount == b.headCount {
            return a.head[..<a.headCount] == b.head[..<b.headCount] && a.tail[a.tailStart...] == b.tail[b.tailStart...]
        }
        return a.bytes == b.bytes
    }
}
