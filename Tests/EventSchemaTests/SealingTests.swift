import EventSchema
import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct SealingTests {
    /// An event with a field of a later version, in its body or beside it.
    private static func withUnknownFields(_ events: inout RandomEvents) throws -> Event? {
        guard events.values.chance(3) else { return nil }
        let field: [UInt8] = [0xC0, 0x3E, 5]
        if events.values.flag() {
            var edit = Edit()
            edit.offset = 3
            edit = try Edit(serializedBytes: try edit.serializedBytes() + field)
            return Event(.edit(edit))
        }
        let bytes: [UInt8] = try Event(.marker(Marker())).serializedBytes()
        return try Event(serializedBytes: events.values.flag() ? field : bytes + field)
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func sealedBatchesGiveTheSameEvents(seed: UInt64) throws {
        print("seed \(seed)")
        var chain = RandomChain(seed: seed)
        chain.oddity = seed % 2 == 0 ? 4 : 40
        let batches = try chain.batches(300, firstSeq: seed < 6 ? 1 : 900, odd: Self.withUnknownFields)
        let block = try SealedBlockCodec.decode(SealedBlockCodec.encode(batches))
        let events = batches.flatMap(\.timedEvents)
        #expect(block.timedEvents == events)
        #expect(block.eventCount == events.count)
        #expect(block.firstSeq == batches.first?.seq)
        #expect(block.lastSeq == batches.last?.seq)
        #expect(block.lastHash == batches.last?.hash)
        #expect(block.previous == batches.first?.previous)
        for (place, event) in events.enumerated() {
            #expect(block.address(at: place) == event.address)
            #expect(block.position(seq: event.address.seq, index: event.address.index) == place)
        }
        #expect(block.address(at: events.count) == nil)
        #expect(block.address(at: -1) == nil)
        #expect(block.position(seq: .max) == events.count)
    }

    @Test func editsComeOutByDocumentAndTime() throws {
        var chain = RandomChain(seed: 7)
        let batches = chain.batches(200)
        let block = try SealedBlockCodec.decode(SealedBlockCodec.encode(batches))
        let events = batches.flatMap(\.timedEvents)
        for until in [RecordTime.distantPast, events[50].time, events[333 % events.count].time, .distantFuture] {
            for document in block.runs.map(\.document) {
                var expected: [Edit] = []
                for timed in events {
                    guard case .edit(let edit) = timed.event.body, edit.document == document, !edit.hasLongInserted
                    else { continue }
                    guard edit.offset <= 1 << 40, edit.removed <= 1 << 40 else { continue }
                    guard timed.time <= until else { break }
                    expected.append(edit)
                }
                var seen: [Edit] = []
                block.forEachEdit(document: document, until: until) { step, text, range in
                    var edit = Edit()
                    edit.document = document
                    edit.offset = UInt64(step.offset)
                    edit.removed = UInt64(step.removed)
                    edit.inserted = Data(text[range])
                    seen.append(edit)
                }
                #expect(seen.map(\.offset) == expected.map(\.offset))
                #expect(seen.map(\.removed) == expected.map(\.removed))
                #expect(seen.map(\.inserted) == expected.map(\.inserted))
            }
        }
    }

    @Test func batchesThatDoNotFollowEachOtherAreRefused() throws {
        var chain = RandomChain(seed: 3)
        let batches = chain.batches(4)
        let others = chain.batches(4)
        for wrong in [
            [], [batches[0], batches[2]], [batches[1], batches[0]], [batches[0], others[1]], [batches[0], batches[0]],
        ] {
            #expect(throws: SchemaError.self) { try SealedBlockCodec.encode(wrong) }
        }
        let bytes = batches[0].encoded + [0xC0, 0x3E, 5]
        let unknown = try BatchCodec.decode(bytes)
        #expect(!SealedBlockCodec.canSeal(unknown))
        #expect(throws: SchemaError.self) { try SealedBlockCodec.encode([unknown]) }
    }

    @Test func everyTruncationAndFlippedByteIsAnErrorOrABlock() throws {
        var chain = RandomChain(seed: 11)
        let whole = try SealedBlockCodec.encode(chain.batches(24))
        for length in 0..<whole.count { Self.readAll(Array(whole[..<length])) }
        for place in whole.indices {
            for flip: UInt8 in [0x01, 0x80, 0xFF] {
                var bytes = whole
                bytes[place] ^= flip
                Self.readAll(bytes)
            }
        }
    }

    private static func readAll(_ bytes: [UInt8]) {
        guard let block = try? SealedBlockCodec.decode(bytes) else { return }
        #expect(block.timedEvents.count == block.eventCount)
        #expect(block.address(at: block.eventCount - 1)?.seq == block.lastSeq)
        #expect(block.position(seq: block.lastSeq, index: 0) < block.eventCount)
    }

    /// Counts far beyond what the bytes hold must be refused before memory is asked for.
    @Test func hostileCountsAreRefused() throws {
        var chain = RandomChain(seed: 5)
        chain.oddity = 1_000_000
        let good = try SealedBlock(serializedBytes: SealedBlockCodec.encode(chain.batches(20)))
        func refused(_ change: (inout SealedBlock) -> Void) throws {
            var block = good
            change(&block)
            let bytes: [UInt8] = try block.serializedBytes()
            #expect(throws: SchemaError.self) { try SealedBlockCodec.decode(bytes) }
        }
        let most: [UInt8] = Array(repeating: 0xFF, count: 9) + [1]
        try refused { $0.version = 2 }
        try refused { $0.lastSeq = .max }
        try refused { $0.lastSeq = 1 << 60 }
        try refused { $0.firstSeq = 0 }
        try refused { $0.runs[0].count = .max }
        try refused { $0.runs[0].count = 0 }
        try refused { $0.runs[0].unitUs = 0 }
        try refused { $0.runs[0].unitUs = .max }
        try refused { $0.runs[0].text.append(1) }
        try refused { $0.runs[0].text.removeLast() }
        try refused { $0.runs[0].origins = Data([0] + most) }
        try refused { $0.runs[0].originals = Data(most + [0]) }
        try refused { $0.runs[0].moves.replaceSubrange(0..<1, with: most) }
        try refused { $0.runs[0].removed.replaceSubrange(0..<1, with: most) }
        try refused { $0.runs[0].inserted.replaceSubrange(0..<1, with: most) }
        try refused { $0.eventsPerBatch = Data(most + most) }
        try refused { $0.eventsPerBatch = Data([0, 20]) }
        try refused { $0.interleave = Data([1] + most) }
        try refused { $0.interleave = Data(most + [1]) }
        try refused { $0.interleave = Data() }
        try refused { $0.others = Data(most) }
        try refused { $0.runs.append($0.runs[0]) }
        try refused { $0.lastHash = Data() }
        try refused { $0.others = Data(count: SealedBlockCodec.mostEvents + 1) }
        let runs = Array(repeating: [0x5A, 0] as [UInt8], count: SealedBlockCodec.mostEvents + 1).flatMap { $0 }
        #expect { try SealedBlockCodec.decode(runs) } throws: { ($0 as? SchemaError)?.code == .limit }
    }
}
