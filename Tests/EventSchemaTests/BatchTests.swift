import EventSchema
import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct BatchTests {
    @Test func everyBatchComesBack() throws {
        var random = RandomEvents(seed: 1)
        for _ in 0..<500 {
            let batch = random.batch()
            let decoded = try BatchCodec.decode(batch.encoded)
            #expect(decoded == batch)
            #expect(decoded.timedEvents.last?.time == batch.endTime)
        }
    }

    @Test func unknownFieldsSurvive() throws {
        var random = RandomEvents(seed: 2)
        for _ in 0..<200 {
            let batch = try random.batch().withUnknownFields()
            #expect(batch.encoded.count > 0)
            let again: [UInt8] = try batch.batch.serializedBytes()
            #expect(try BatchCodec.decode(again).batch == batch.batch)
            #expect(batch.batch.events.allSatisfy { !$0.unknownFields.data.isEmpty })
        }
    }

    @Test func everyTruncationIsAnErrorOrABatch() {
        var random = RandomEvents(seed: 3)
        for _ in 0..<20 {
            let encoded = random.batch(most: 8).encoded
            for length in encoded.indices { readWholly(Array(encoded[..<length])) }
        }
    }

    @Test func everyFlippedByteIsAnErrorOrABatch() {
        var random = RandomEvents(seed: 4)
        for _ in 0..<5 {
            let encoded = random.batch(most: 6).encoded
            for place in encoded.indices {
                for bit in [UInt8(1), 0x80, 0xFF, UInt8.random(in: 1...255, using: &random.values.generator)] {
                    var flipped = encoded
                    flipped[place] ^= bit
                    readWholly(flipped)
                }
            }
        }
    }

    @Test func noiseIsAnErrorOrABatch() {
        var values = RandomValues(seed: 5)
        for _ in 0..<2000 { readWholly(Array(values.bytes(200))) }
    }

    /// Reads a batch and, if it is one, all that can be read of it.
    private func readWholly(_ encoded: [UInt8]) {
        guard let batch = try? BatchCodec.decode(encoded) else { return }
        #expect(batch.timedEvents.count == batch.batch.events.count)
        #expect(batch.endTime == batch.timedEvents.last?.time)
        // However it was read, it is what the general reader says.
        #expect((try? Batch(serializedBytes: encoded)) == batch.batch)
        #expect(throws: Never.self) { try BatchJSON.decode(BatchJSON.encode(batch)) }
    }

    @Test func refusesWhatIsWrong() throws {
        var random = RandomEvents(seed: 6)
        let good = random.batch()
        func refused(_ change: (inout Batch) -> Void, at place: String) throws {
            var batch = good.batch
            change(&batch)
            let bytes: [UInt8] = try batch.serializedBytes()
            #expect { try BatchCodec.decode(bytes) } throws: { ($0 as? SchemaError)?.place == place }
        }
        try refused({ $0.version = 2 }, at: "version")
        try refused({ $0.source = Data([1]) }, at: "source")
        try refused({ $0.session = Data() }, at: "session")
        try refused({ $0.seq = 0 }, at: "seq")
        try refused({ $0.seq = .max }, at: "seq")
        try refused({ $0.events = [] }, at: "events")
        try refused(
            {
                $0.seq = 2
                $0.previous = Data()
            }, at: "previous")
        try refused(
            {
                $0.seq = 1
                $0.previous = Data(repeating: 1, count: 32)
            }, at: "previous")
        try refused({ $0.timeUs = .max }, at: "time_us")
        try refused({ $0.events[0].deltaUs = .max }, at: "events[0].delta_us")
        #expect { try BatchCodec.decode([UInt8](repeating: 0, count: BatchCodec.largestBatch + 1)) } throws: {
            ($0 as? SchemaError)?.code == .limit
        }
    }
}

extension CheckedBatch {
    /// The batch as a later version might write it: with a field more in itself, its events and their messages.
    func withUnknownFields() throws -> CheckedBatch {
        var batch = batch
        try batch.merge(serializedBytes: [0xFA, 0x07, 0x03, 0x61, 0x00, 0xFF] as [UInt8])  // field 127: 3 bytes
        for index in batch.events.indices {
            try batch.events[index].merge(serializedBytes: [0x90, 0x4E, 0x07] as [UInt8])  // field 1250: varint 7
        }
        var later = Event()
        try later.merge(serializedBytes: [0xA2, 0x3F, 0x02, 0x08, 0x01] as [UInt8])  // a body of field 1012
        batch.events.append(later)
        var edit = Edit()
        try edit.merge(serializedBytes: [0x08, 0x02, 0xF8, 0x07, 0x01] as [UInt8])  // field 127 of the body
        var inner = Content()
        try inner.merge(serializedBytes: [0xF8, 0x07, 0x09] as [UInt8])
        edit.longInserted = inner
        var event = Event(.edit(edit))
        try event.merge(serializedBytes: [0x90, 0x4E, 0x07] as [UInt8])
        batch.events.append(event)
        return try BatchCodec.decode(batch.serializedBytes())
    }
}
