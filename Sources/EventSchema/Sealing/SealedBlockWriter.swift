import Foundation
import SwiftProtobuf

/// Collects the events of batches into the parts of a block.
struct SealedBlockWriter {
    private let start: Int64
    private var runs: [EditRunWriter] = []
    private var laneOfDocument: [UInt32: Int] = [:]
    private var others: [UInt8] = []
    private var lastOther: Int64
    private var lanes: [(lane: Int, count: UInt64)] = []
    private var batches: [(events: Int, count: UInt64)] = []

    init(start: Int64) {
        self.start = start
        lastOther = start
    }

    mutating func append(_ batch: CheckedBatch) throws(SchemaError) {
        let events = batch.timedEvents
        if batches.last?.events == events.count {
            batches[batches.count - 1].count += 1
        } else {
            batches.append((events.count, 1))
        }
        for timed in events {
            let lane = try append(timed.event, at: timed.time.microseconds)
            if lanes.last?.lane == lane {
                lanes[lanes.count - 1].count += 1
            } else {
                lanes.append((lane, 1))
            }
        }
    }

    /// - Returns: the lane the event went to.
    private mutating func append(_ event: Event, at time: Int64) throws(SchemaError) -> Int {
        if let edit = EditRunWriter.edit(of: event) {
            let lane: Int
            if let known = laneOfDocument[edit.document] {
                lane = known
            } else {
                runs.append(EditRunWriter(document: edit.document, start: start))
                lane = runs.count
                laneOfDocument[edit.document] = lane
            }
            runs[lane - 1].append(edit, of: event, at: time)
            return lane
        }
        var event = event
        event.deltaUs = UInt64(bitPattern: time &- lastOther)
        lastOther = time
        do {
            let bytes: [UInt8] = try event.serializedBytes()
            others.append(varint: UInt64(bytes.count))
            others.append(contentsOf: bytes)
        } catch {
            throw SchemaError(.limit, "an event that cannot be encoded", underlying: error)
        }
        return 0
    }

    var block: SealedBlock {
        var block = SealedBlock()
        block.timeUs = start
        block.runs = runs.map(\.run)
        block.others = Data(others)
        var column: [UInt8] = []
        for stretch in batches {
            column.append(varint: UInt64(stretch.events))
            column.append(varint: stretch.count)
        }
        block.eventsPerBatch = Data(column)
        column = []
        for stretch in lanes {
            column.append(varint: UInt64(stretch.lane))
            column.append(varint: stretch.count)
        }
        block.interleave = Data(column)
        return block
    }
}
