import EventSchema
import Model

/// A stored body, read for a seek.
struct SoughtBlock: Sendable {
    let body: BlockBody
    /// The first event's time, where no event is before the one ahead of it.
    private let orderedFrom: RecordTime?
    /// Rough bytes of memory.
    let cost: Int

    init(_ body: BlockBody) {
        self.body = body
        switch body {
        case .sealed(let block):
            orderedFrom = block.orderedFrom
            cost = block.runs.reduce(0) { $0 + $1.count * 32 + $1.text.count } + block.others.count * 400
        case .batch(let batch):
            orderedFrom = nil
            cost = batch.encoded.count * 4
        }
    }

    /// Moves a state over the events of the block that it has not seen, up to the one before anything later than
    /// `time`. Times that go back count as the newest before them.
    ///
    /// - Returns: whether the state is now at the end of the block.
    func advance(_ model: inout SourceModel, until time: RecordTime) -> Bool {
        if case .sealed(let block) = body, let orderedFrom, model.seq < block.firstSeq,
            model.seq == 0 || orderedFrom >= model.time
        {
            return model.apply(block, until: time).next == block.eventCount
        }
        var newest = model.seq == 0 ? RecordTime.distantPast : model.time
        let known = model.seq
        for var timed in body.timedEvents where timed.address.seq > known {
            guard timed.time <= time else { return false }
            newest = max(newest, timed.time)
            timed.time = newest
            model.apply(timed)
        }
        return true
    }

    /// What counts toward the next keyframe.
    var work: (edits: Int, outputBytes: Int) {
        var (edits, output) = (0, 0)
        func count(_ event: Event) {
            if case .terminalOutput(let event) = event.body {
                output += event.data.count
            } else {
                edits += KeyframePolicy.editsPerOtherEvent
            }
        }
        switch body {
        case .sealed(let block):
            edits = block.runs.reduce(0) { $0 + $1.count }
            for other in block.others { count(other.event) }
        case .batch(let batch): for event in batch.batch.events { count(event) }
        }
        return (edits, output)
    }
}
