import Foundation

/// A sealed block, read and checked: what its batches held, still addressable by (seq, index).
public struct DecodedSealedBlock: Sendable {
    /// A number of events in a row of one lane: 0 for `others`, n for `runs[n - 1]`.
    public struct Stretch: Sendable, Equatable {
        public let lane: Int
        public let count: Int
    }

    /// A number of batches in a row that hold equally many events.
    struct BatchStretch: Sendable, Equatable {
        let events: Int
        let batches: Int
    }

    public let source: SourceID
    public let session: SessionID
    public let firstSeq: UInt64
    public let lastSeq: UInt64
    /// The hash of the batch before the first; nil for seq 1.
    public let previous: ContentHash?
    /// The hash of the last batch.
    public let lastHash: ContentHash
    /// The edits, a run for each document.
    public let runs: [EditColumns]
    /// All other events with their times; their `deltaUs` has no meaning here.
    public let others: [(time: RecordTime, event: Event)]
    /// How the lanes' events follow each other.
    public let stretches: [Stretch]
    let batches: [BatchStretch]
    public let eventCount: Int

    /// The place of an event among all of the block, from 0. An index outside the batch counts on into the next.
    public func position(seq: UInt64, index: Int = 0) -> Int {
        let index = min(max(index, 0), eventCount)
        guard seq > firstSeq else { return seq < firstSeq ? 0 : index }
        var left = seq - firstSeq
        var position = 0
        for stretch in batches {
            guard left >= UInt64(stretch.batches) else {
                return min(position + Int(left) * stretch.events + index, eventCount)
            }
            left -= UInt64(stretch.batches)
            position += stretch.batches * stretch.events
        }
        return eventCount
    }

    /// The address of the event at `position`; nil outside the block.
    public func address(at position: Int) -> EventAddress? {
        guard position >= 0 else { return nil }
        var (left, seq) = (position, firstSeq)
        for stretch in batches {
            let events = stretch.batches * stretch.events
            if left < events {
                return EventAddress(
                    source: source, seq: seq + UInt64(left / stretch.events), index: left % stretch.events)
            }
            left -= events
            seq += UInt64(stretch.batches)
        }
        return nil
    }

    /// The time of the first event, if no event is before the one ahead of it; else nil.
    public var orderedFrom: RecordTime? {
        var nextOfLane = Array(repeating: 0, count: runs.count + 1)
        var (first, last): (Int64?, Int64) = (nil, .min)
        for stretch in stretches {
            let events = nextOfLane[stretch.lane]..<(nextOfLane[stretch.lane] + stretch.count)
            nextOfLane[stretch.lane] = events.upperBound
            if stretch.lane > 0 {
                let run = runs[stretch.lane - 1]
                guard run.isOrdered, run.steps[events.lowerBound].time >= last else { return nil }
                first = first ?? run.steps[events.lowerBound].time
                last = run.steps[events.upperBound - 1].time
                continue
            }
            for index in events {
                let time = others[index].time.microseconds
                guard time >= last else { return nil }
                first = first ?? time
                last = time
            }
        }
        return first.map(RecordTime.init(microseconds:))
    }

    /// All events in order, as their batches had them.
    public var timedEvents: [TimedEvent] {
        var events: [TimedEvent] = []
        events.reserveCapacity(eventCount)
        var maker = EventMaker(block: self)
        var lastTime = RecordTime.epoch
        var seq = firstSeq
        var lanes = stretches.lazy.flatMap { repeatElement($0.lane, count: $0.count) }.makeIterator()
        for stretch in batches {
            for _ in 0..<stretch.batches {
                for index in 0..<stretch.events {
                    guard let lane = lanes.next() else { return events }
                    var (time, event) = maker.next(of: lane)
                    event.deltaUs = index == 0 ? 0 : UInt64(bitPattern: time.microseconds &- lastTime.microseconds)
                    lastTime = time
                    events.append(
                        TimedEvent(
                            time: time, address: EventAddress(source: source, seq: seq, index: index), event: event))
                }
                seq += 1
            }
        }
        return events
    }

    /// Calls `body` with each edit of a document that happened before anything later than `time`, without making
    /// events of them. `body` gets the edit and where its text lies in the text column.
    public func forEachEdit<Failure: Error>(
        document: UInt32, until time: RecordTime = .distantFuture,
        _ body: (_ step: EditColumns.Step, _ text: [UInt8], _ range: Range<Int>) throws(Failure) -> Void
    ) throws(Failure) {
        guard let run = runs.first(where: { $0.document == document }) else { return }
        var start = 0
        for index in 0..<run.count(until: time) {
            let step = run.steps[index]
            try body(step, run.text, start..<step.textEnd)
            start = step.textEnd
        }
    }
}

/// Makes the events of each lane in order.
private struct EventMaker {
    let block: DecodedSealedBlock
    var next: [Int]
    var nextOriginal: [Int]
    var nextOrigin: [Int]

    init(block: DecodedSealedBlock) {
        self.block = block
        next = Array(repeating: 0, count: block.runs.count + 1)
        nextOriginal = next
        nextOrigin = next
    }

    mutating func next(of lane: Int) -> (time: RecordTime, event: Event) {
        let index = next[lane]
        next[lane] += 1
        guard lane > 0 else { return block.others[index] }
        let run = block.runs[lane - 1]
        let step = run.steps[index]
        var edit = Edit()
        edit.document = run.document
        edit.offset = UInt64(step.offset)
        edit.removed = UInt64(step.removed)
        edit.inserted = Data(run.text[run.textRange(of: index)])
        if !run.origins.isEmpty {
            while run.origins[nextOrigin[lane]].end <= index { nextOrigin[lane] += 1 }
            edit.origin = run.origins[nextOrigin[lane]].origin
        }
        var event = Event(.edit(edit))
        if nextOriginal[lane] < run.originals.count, run.originals[nextOriginal[lane]].edit == index {
            event.originalUs = run.originals[nextOriginal[lane]].time
            nextOriginal[lane] += 1
        }
        return (RecordTime(microseconds: step.time), event)
    }
}
