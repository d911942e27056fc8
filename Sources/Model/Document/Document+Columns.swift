import EventSchema

extension Document {
    /// Applies the edits of a sealed block with these numbers, in order.
    ///
    /// - Returns: the first that does not fit, if one does not; it and those behind it are not applied.
    public mutating func apply(_ columns: EditColumns, _ edits: Range<Int>) -> (edit: Int, error: ModelError)? {
        guard !edits.isEmpty, edits.lowerBound >= 0, edits.upperBound <= columns.count else { return nil }
        var next = edits.lowerBound
        while next < edits.upperBound {
            next = Self.applyNear(&head, &headCount, &tail, &tailStart, columns, next..<edits.upperBound)
            guard next < edits.upperBound else { break }
            let step = columns.steps[next]
            do {
                try replace(
                    offset: step.offset, removed: step.removed, from: columns.text, in: columns.textRange(of: next))
            } catch {
                return (next, error)
            }
            next += 1
        }
        return nil
    }

    /// The gap is moved byte by byte no farther than this; a block copy is faster from here on.
    private static let near = 48

    /// Applies edits as long as they are near the gap and there is room: the stretch of nearly all typing, over spans
    /// that are taken once.
    ///
    /// - Returns: the first edit that is not so, or not right.
    private static func applyNear(
        _ headBytes: inout [UInt8], _ headCount: inout Int, _ tailBytes: inout [UInt8], _ tailStart: inout Int,
        _ columns: EditColumns, _ edits: Range<Int>
    ) -> Int {
        let (steps, text) = (columns.steps.span, columns.text.span)
        var head = headBytes.mutableSpan
        var tail = tailBytes.mutableSpan
        var (gapStart, gapEnd) = (headCount, tailStart)
        defer { (headCount, tailStart) = (gapStart, gapEnd) }
        var from = columns.textRange(of: edits.lowerBound).lowerBound
        for edit in edits {
            let step = steps[edit]
            let (offset, removed) = (step.offset, step.removed)
            guard offset >= 0, removed >= 0, step.textEnd &- from <= head.count &- max(offset, gapStart) else {
                return edit
            }
            if offset &+ removed == gapStart {
                gapStart = offset
            } else {
                let way = offset &- gapStart
                guard way > -near, way < near, gapEnd &+ way >= 0, removed <= tail.count &- gapEnd &- way else {
                    return edit
                }
                while gapStart > offset {
                    gapStart &-= 1
                    gapEnd &-= 1
                    tail[gapEnd] = head[gapStart]
                }
                while gapStart < offset {
                    head[gapStart] = tail[gapEnd]
                    gapStart &+= 1
                    gapEnd &+= 1
                }
                gapEnd &+= removed
            }
            while from < step.textEnd {
                head[gapStart] = text[from]
                from &+= 1
                gapStart &+= 1
            }
        }
        return edits.upperBound
    }
}
