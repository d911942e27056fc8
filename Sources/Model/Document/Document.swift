import EventSchema

/// The text of one document as bytes, in a gap buffer: an edit near the one before it moves next to nothing.
///
/// Offsets are bytes of the text. Nothing here traps on a wrong one: edits throw, queries answer with what there is.
public struct Document: Sendable {
    /// The text before the gap, the gap, the text behind it.
    @usableFromInline var storage: [UInt8]
    @usableFromInline var gapStart: Int
    @usableFromInline var gapEnd: Int

    /// A document with this text.
    public init(_ bytes: [UInt8] = []) {
        storage = bytes
        gapStart = bytes.count
        gapEnd = bytes.count
    }

    /// How many bytes the text has.
    @inlinable public var count: Int { storage.count &- (gapEnd &- gapStart) }

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
        let inserted = range.upperBound &- range.lowerBound
        if offset &+ removed == gapStart {
            gapStart = offset
        } else if offset == gapStart {
            gapEnd &+= removed
        } else {
            moveGap(to: offset)
            gapEnd &+= removed
        }
        if inserted > gapEnd &- gapStart { grow(by: inserted) }
        if inserted > 32 {
            storage.replaceSubrange(gapStart..<(gapStart &+ inserted), with: source[range])
            gapStart &+= inserted
            return
        }
        var from = range.lowerBound
        while from < range.upperBound {
            storage[gapStart] = source[from]
            from &+= 1
            gapStart &+= 1
        }
    }

    @usableFromInline @inline(never)
    func outside(offset: Int, removed: Int) -> ModelError {
        ModelError(.range, "an edit of \(removed) bytes at \(offset) in a text of \(count)")
    }

    /// Moves the gap; short ways byte by byte, long ones as a block.
    @usableFromInline
    mutating func moveGap(to offset: Int) {
        let blockSize = 96
        if offset < gapStart {
            let length = gapStart - offset
            if length < blockSize {
                var from = gapStart
                var to = gapEnd
                while from > offset {
                    from &-= 1
                    to &-= 1
                    storage[to] = storage[from]
                }
            } else {
                let block = Array(storage[offset..<gapStart])
                storage.replaceSubrange((gapEnd - length)..<gapEnd, with: block)
            }
            gapEnd -= length
        } else {
            let length = offset - gapStart
            if length < blockSize {
                var from = gapEnd
                var to = gapStart
                while to < offset {
                    storage[to] = storage[from]
                    from &+= 1
                    to &+= 1
                }
            } else {
                let block = Array(storage[gapEnd..<(gapEnd + length)])
                storage.replaceSubrange(gapStart..<offset, with: block)
            }
            gapEnd += length
        }
        gapStart = offset
    }

    /// Makes the gap at least `needed` bytes, and in proportion to the text, so that growing is rare.
    @usableFromInline @inline(never)
    mutating func grow(by needed: Int) {
        let gap = needed + max(64, count / 4)
        var larger: [UInt8] = []
        larger.reserveCapacity(count + gap)
        larger.append(contentsOf: storage[..<gapStart])
        larger.append(contentsOf: repeatElement(0, count: gap))
        larger.append(contentsOf: storage[gapEnd...])
        storage = larger
        gapEnd = gapStart + gap
    }
}

extension Document: Equatable {
    public static func == (a: Document, b: Document) -> Bool {
        a.count == b.count && (a.gapStart == b.gapStart && a.storage == b.storage || a.bytes == b.bytes)
    }
}
