import EventSchema
import Foundation

/// Random batches of one source that follow each other: typing in a few documents, with every other kind between.
public struct RandomChain: Sendable {
    public var events: RandomEvents
    /// How often an event is none of the typing: one in so many.
    public var oddity = 6
    /// Whether a batch may begin before the one ahead of it ended, as no good source does.
    public var stepsBack = true

    private var ends: [UInt32: Int] = [:]

    public init(seed: UInt64) { events = RandomEvents(seed: seed) }

    public mutating func batches(_ count: Int, firstSeq: UInt64 = 1) -> [CheckedBatch] {
        batches(count, firstSeq: firstSeq, odd: { _ in nil })
    }

    /// - Parameter odd: makes an event that is none of the typing; nil for one of a random kind.
    public mutating func batches(
        _ count: Int, firstSeq: UInt64 = 1, odd: (inout RandomEvents) throws -> Event?
    ) rethrows -> [CheckedBatch] {
        let source = SourceID(events.values.identifier())
        let session = SessionID(events.values.identifier())
        var previous = firstSeq == 1 ? nil : ContentHash(of: source.bytes)
        var time = events.values.time()
        var batches: [CheckedBatch] = []
        for seq in firstSeq..<(firstSeq + UInt64(count)) {
            var members: [(time: RecordTime, event: Event)] = []
            if stepsBack, events.values.chance(20) { time = time.advanced(by: -Int64(events.values.below(5_000_000))) }
            for _ in 0..<(events.values.chance(3) ? 1 + events.values.below(9) : 1) {
                let event = events.values.chance(oddity) ? try odd(&events) ?? events.event() : typing()
                members.append((time, event))
                time = time.advanced(by: Int64(events.values.below(2) * events.values.below(900)) * 1000)
            }
            let batch = BatchCodec.encode(
                source: source, session: session, seq: seq, previous: previous, events: members)
            previous = batch.hash
            batches.append(batch)
        }
        return batches
    }

    private mutating func typing() -> Event {
        let document = UInt32(1 + events.values.below(3))
        var edit = Edit()
        edit.document = document
        let end = ends[document] ?? 0
        let offset = events.values.chance(4) ? events.values.below(10_000) : end
        edit.offset = UInt64(offset)
        if events.values.chance(4) { edit.removed = UInt64(events.values.below(5)) }
        if !events.values.chance(5) { edit.inserted = events.values.bytes(3) }
        if events.values.chance(10) { edit.origin = Origin(rawValue: events.values.below(9)) ?? .typed }
        ends[document] = offset + edit.inserted.count
        var event = Event(.edit(edit))
        if events.values.chance(12) { event.originalUs = events.values.signed64() }
        return event
    }
}
