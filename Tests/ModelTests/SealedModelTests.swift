import EventSchema
import Foundation
import Model
import TestSupport
import Testing

@Suite struct SealedModelTests {
    /// Opened documents, edits of every origin, most of which fit, and all kinds of other events.
    private func story(seed: UInt64) throws -> [CheckedBatch] {
        var events = RandomEvents(seed: seed)
        let (source, session) = (SourceID(events.values.identifier()), SessionID(events.values.identifier()))
        var lengths: [UInt32: Int] = [:]
        var bodies: [Event] = []
        for document: UInt32 in 1...3 {
            let text = String(repeating: "line of text\n", count: events.values.below(40))
            bodies.append(Event(Bodies.opened(text, document: document, path: "/w/\(document)")))
            lengths[document] = text.utf8.count
        }
        for _ in 0..<600 {
            guard !events.values.chance(15) else {
                let event = events.event()
                // A random text would make the lengths kept here wrong.
                switch event.body {
                case .documentOpened, .documentResynced, .documentPrivate, .edit: continue
                default: bodies.append(event)
                }
                continue
            }
            let document = UInt32(1 + events.values.below(4))
            let length = lengths[document] ?? 0
            let offset = events.values.below(length + 1)
            let removed = min(events.values.below(4), length - offset)
            let text = String(repeating: "x", count: events.values.below(4))
            let origin: Origin = seed % 2 == 0 ? .typed : Origin(rawValue: events.values.below(8)) ?? .typed
            if events.values.chance(200) {
                bodies.append(Event(Bodies.edit(.max >> 30, 1, text, document: document)))
            } else {
                bodies.append(
                    Event(Bodies.edit(UInt64(offset), UInt64(removed), text, document: document, origin: origin)))
                lengths[document] = length - removed + text.utf8.count
            }
        }
        var batches: [CheckedBatch] = []
        var time = events.values.time()
        while !bodies.isEmpty {
            let members = bodies.prefix(events.values.chance(2) ? 1 : 5).map { event in
                time = time.advanced(by: Int64(events.values.below(3)) * 1000)
                return (time: time, event: event)
            }
            bodies.removeFirst(members.count)
            batches.append(
                BatchCodec.encode(
                    source: source, session: session, seq: UInt64(batches.count + 1), previous: batches.last?.hash,
                    events: members))
        }
        return batches
    }

    /// From a block or event by event, up to any time and on from there: the same state and the same issues.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func aBlockGivesTheStateOfItsEvents(seed: UInt64) throws {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let batches = try story(seed: seed)
        let events = batches.flatMap(\.timedEvents)
        let block = try SealedBlockCodec.decode(SealedBlockCodec.encode(batches))
        let source = try #require(batches.first).source
        for _ in 0..<12 {
            let until = try #require(events.randomElement(using: &generator)).time
            var (byEvent, byBlock) = (SourceModel(source: source), SourceModel(source: source))
            let issues = events.prefix { $0.time <= until }.compactMap { byEvent.apply($0) }
            let progress = byBlock.apply(block, until: until)
            #expect(progress.next == events.prefix { $0.time <= until }.count)
            #expect(byBlock.state == byEvent.state)
            // Of edits in a row of a document never opened, a block tells the first only.
            #expect(progress.issues.filter { $0.error.code != .unknown } == issues.filter { $0.error.code != .unknown })
            for event in events[progress.next...] { byEvent.apply(event) }
            let rest = byBlock.apply(block, from: progress.next)
            #expect(rest.next == events.count)
            #expect(byEvent.documents.count >= 3)
            #expect(byBlock.state == byEvent.state)
        }
    }

    @Test(arguments: EditingTrace.names)
    func recordedTracesReachTheirEndThroughColumns(name: String) throws {
        let trace = try EditingTrace(name)
        let (source, session) = (SourceID(Identifier(high: 1, low: 1)), SessionID(Identifier(high: 1, low: 2)))
        var opened = DocumentOpened()
        opened.document = 1
        opened.text.inline = Data(trace.start)
        var events = [(time: try #require(trace.patches.first).time, event: Event(.documentOpened(opened)))]
        for patch in trace.patches {
            var edit = Edit()
            edit.document = 1
            edit.offset = UInt64(patch.offset)
            edit.removed = UInt64(patch.removed)
            edit.inserted = Data(patch.inserted)
            events.append((patch.time, Event(.edit(edit))))
        }
        var model = SourceModel(source: source)
        var previous: CheckedBatch?
        for start in stride(from: 0, to: events.count, by: 16_384) {
            let batch = BatchCodec.encode(
                source: source, session: session, seq: (previous?.seq ?? 0) + 1, previous: previous?.hash,
                events: Array(events[start..<min(start + 16_384, events.count)]))
            previous = batch
            let block = try SealedBlockCodec.decode(SealedBlockCodec.encode([batch]))
            #expect(model.apply(block).issues.isEmpty)
        }
        #expect(model.documents[1]?.text.bytes == trace.end)
        #expect(model.time == trace.patches.last?.time)
    }
}
