import EventSchema

extension SourceModel {
    /// How far into a sealed block a model has come.
    public struct Progress: Sendable, Equatable {
        public var issues: [ModelIssue] = []
        /// The place in the block of the first event not taken; its event count where all are.
        public var next = 0
    }

    /// Takes the events of a sealed block from the place `first` on, up to the one before anything later than
    /// `time`. Edits go from their columns into the text without becoming events.
    public mutating func apply(
        _ block: DecodedSealedBlock, from first: Int = 0, until time: RecordTime = .distantFuture
    ) -> Progress {
        var progress = Progress()
        let limits = block.runs.map { time == .distantFuture ? $0.count : $0.count(until: time) }
        var nextOfLane = Array(repeating: 0, count: limits.count + 1)
        for stretch in block.stretches {
            let start = nextOfLane[stretch.lane] + min(max(first - progress.next, 0), stretch.count)
            let end = nextOfLane[stretch.lane] + stretch.count
            let place = progress.next - nextOfLane[stretch.lane]
            nextOfLane[stretch.lane] = end
            guard start < end else {
                progress.next += stretch.count
                continue
            }
            let reached: Int
            if stretch.lane == 0 {
                reached = take(block, others: start..<end, until: time, place: place, &progress.issues)
            } else {
                reached = max(start, min(end, limits[stretch.lane - 1]))
                take(block, edits: start..<reached, of: block.runs[stretch.lane - 1], place: place, &progress.issues)
            }
            progress.next = place + reached
            if reached < end { break }
        }
        if progress.next > first, let last = block.address(at: progress.next - 1) { seq = last.seq }
        return progress
    }

    /// - Parameter place: of the lane's event 0 in the block, were all before it of this lane.
    /// - Returns: the first event not taken.
    private mutating func take(
        _ block: DecodedSealedBlock, others: Range<Int>, until time: RecordTime, place: Int,
        _ issues: inout [ModelIssue]
    ) -> Int {
        for index in others {
            let (eventTime, event) = block.others[index]
            guard eventTime <= time else { return index }
            self.time = eventTime
            do { try take(event.body) } catch {
                let document = mark(event.document, error)
                note(error, document, at: block.address(at: place + index), &issues)
            }
        }
        return others.upperBound
    }

    private mutating func take(
        _ block: DecodedSealedBlock, edits: Range<Int>, of run: EditColumns, place: Int, _ issues: inout [ModelIssue]
    ) {
        guard let last = edits.last else { return }
        time = RecordTime(microseconds: run.steps[last].time)
        guard lanes.contains(.documents) else { return }
        guard let index = documents.index(forKey: run.document) else {
            let error = ModelError(.unknown, "document \(run.document) was never opened")
            note(error, nil, at: block.address(at: place + edits.lowerBound), &issues)
            return
        }
        let failure = documents.values[index].take(run, edits)
        if let human = run.lastHumanEdit(in: edits) {
            focus = .document(run.document)
            lastHuman = RecordTime(microseconds: run.steps[human].time)
        }
        if let failure {
            documents.values[index].unreliable = failure.error.message
            note(failure.error, run.document, at: block.address(at: place + failure.edit), &issues)
        }
    }

    private func note(_ error: ModelError, _ document: UInt32?, at address: EventAddress?, _ issues: inout [ModelIssue])
    {
        if let address { issues.append(ModelIssue(address: address, document: document, error: error)) }
    }
}

extension DocumentModel {
    /// - Returns: the edit that does not fit, if one does not; none behind it is taken.
    fileprivate mutating func take(_ run: EditColumns, _ edits: Range<Int>) -> (edit: Int, error: ModelError)? {
        guard unreliable == nil, !isPrivate else { return nil }
        guard run.isTyped, selections.count < 2 else { return takeEach(run, edits) }
        let failure = text.apply(run, edits)
        let taken = edits.lowerBound..<(failure?.edit ?? edits.upperBound)
        if let last = taken.last {
            changed = RecordTime(microseconds: run.steps[last].time)
            setCursor(run.steps[last].offset + run.textRange(of: last).count)
        }
        return failure
    }

    private mutating func takeEach(_ run: EditColumns, _ edits: Range<Int>) -> (edit: Int, error: ModelError)? {
        for index in edits {
            if let failure = text.apply(run, index..<(index + 1)) { return failure }
            let step = run.steps[index]
            changed = RecordTime(microseconds: step.time)
            moveSelections(
                offset: step.offset, removed: step.removed, inserted: run.textRange(of: index).count,
                by: run.origin(of: index))
        }
        return nil
    }
}

extension EditColumns {
    fileprivate func lastHumanEdit(in edits: Range<Int>) -> Int? {
        isTyped ? edits.last : edits.last { origin(of: $0).isHuman }
    }
}
