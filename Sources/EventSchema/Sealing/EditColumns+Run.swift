extension EditColumns {
    /// Reads and checks the columns of a run.
    ///
    /// - Parameter start: the time of the block.
    /// - Throws: `SchemaError(.malformed)` or `.value` with the column as its place.
    init(_ run: EditRun, start: Int64) throws(SchemaError) {
        let count = Int(run.count)
        // Every edit takes a byte of each column: no count can ask for more memory than the block is long.
        guard count > 0, count <= run.times.count, count <= run.moves.count, count <= run.removed.count,
            count <= run.inserted.count
        else { throw SchemaError(.malformed, "a run of \(count) edits in shorter columns", at: "runs.count") }
        guard run.unitUs > 0, let unit = Int64(exactly: run.unitUs) else {
            throw SchemaError(.value, "a run without a unit of time", at: "runs.unit_us")
        }
        var times = VarintReader([UInt8](run.times), "runs.times")
        var moves = VarintReader([UInt8](run.moves), "runs.moves")
        var removals = VarintReader([UInt8](run.removed), "runs.removed")
        var lengths = VarintReader([UInt8](run.inserted), "runs.inserted")
        let text = [UInt8](run.text)
        let limit = EditRunWriter.largestNumber

        var steps: [Step] = []
        steps.reserveCapacity(count)
        var (time, end, textEnd, isOrdered) = (start, Int64(0), 0, true)
        for _ in 0..<count {
            let (delta, tooLong) = Int64(bitPattern: try times.next()).multipliedReportingOverflow(by: unit)
            let (sum, tooLate) = time.addingReportingOverflow(delta)
            guard !tooLong, !tooLate else { throw SchemaError(.value, "a time out of range", at: "runs.times") }
            if sum < time { isOrdered = false }
            time = sum
            let (offset, tooFar) = end.addingReportingOverflow(try moves.next().fromZigzag)
            let removed = try removals.next()
            guard !tooFar, offset >= 0, UInt64(offset) <= limit, removed <= limit else {
                throw SchemaError(.value, "an edit out of range", at: "runs.moves")
            }
            let length = try lengths.next()
            guard length <= UInt64(text.count &- textEnd) else {
                throw SchemaError(.malformed, "edits longer than their text", at: "runs.inserted")
            }
            textEnd &+= Int(length)
            end = offset &+ Int64(length)
            steps.append(Step(time: time, offset: Int(offset), removed: Int(removed), textEnd: textEnd))
        }
        for column in [times, moves, removals, lengths] { try column.end() }
        guard textEnd == text.count else { throw SchemaError(.malformed, "text that no edit inserts", at: "runs.text") }

        self.document = run.document
        self.steps = steps
        self.text = text
        self.isOrdered = isOrdered
        origins = try Self.origins(of: run, count: count)
        originals = try Self.originals(of: run, steps: steps)
    }

    private static func origins(of run: EditRun, count: Int) throws(SchemaError) -> [OriginStretch] {
        var column = VarintReader([UInt8](run.origins), "runs.origins")
        var stretches: [OriginStretch] = []
        var end = 0
        while !column.isAtEnd {
            let (value, length) = (try column.next(), try column.next())
            guard value <= UInt64(UInt32.max), length > 0, length <= UInt64(count - end),
                let origin = Origin(rawValue: Int(Int32(truncatingIfNeeded: value)))
            else { throw SchemaError(.value, "an origin of \(length) edits", at: "runs.origins") }
            end += Int(length)
            stretches.append(OriginStretch(origin: origin, end: end))
        }
        guard end == count || stretches.isEmpty else {
            throw SchemaError(.malformed, "origins for \(end) of \(count) edits", at: "runs.origins")
        }
        return stretches
    }

    private static func originals(of run: EditRun, steps: [Step]) throws(SchemaError) -> [(edit: Int, time: Int64)] {
        var column = VarintReader([UInt8](run.originals), "runs.originals")
        var originals: [(edit: Int, time: Int64)] = []
        var next = 0
        while !column.isAtEnd {
            let skipped = try column.next()
            guard next < steps.count, skipped < UInt64(steps.count - next) else {
                throw SchemaError(.value, "an original stamp of no edit", at: "runs.originals")
            }
            let edit = next + Int(skipped)
            originals.append((edit, steps[edit].time &+ (try column.next()).fromZigzag))
            next = edit + 1
        }
        return originals
    }
}
