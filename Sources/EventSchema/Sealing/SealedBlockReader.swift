import SwiftProtobuf

/// The parts of a sealed block around its edit columns, checked against each other.
enum SealedBlockReader {
    /// Counts the runs before the message is read: an empty run is two bytes of it and hundreds of memory.
    static func checkRunCount(of bytes: [UInt8]) throws(SchemaError) {
        var message = VarintReader(bytes, "sealed block")
        var runs = 0
        while !message.isAtEnd {
            let tag = try message.next()
            switch tag & 7 {
            case 0: _ = try message.next()
            case 1: _ = try message.bytes(8)
            case 2: _ = try message.bytes(try message.next())
            case 5: _ = try message.bytes(4)
            default: throw SchemaError(.malformed, "not a sealed block", at: "byte \(message.position)")
            }
            if tag >> 3 == 11 { runs += 1 }
        }
        guard runs <= SealedBlockCodec.mostEvents else {
            throw SchemaError(.limit, "a sealed block of \(runs) runs", at: "runs")
        }
    }

    static func others(of block: SealedBlock) throws(SchemaError) -> [(time: RecordTime, event: Event)] {
        var column = VarintReader([UInt8](block.others), "others")
        var others: [(time: RecordTime, event: Event)] = []
        var time = block.timeUs
        while !column.isAtEnd {
            guard others.count < SealedBlockCodec.mostEvents else {
                throw SchemaError(.limit, "more than \(SealedBlockCodec.mostEvents) events", at: "others")
            }
            let bytes = try column.bytes(try column.next())
            do {
                let event = try Event(serializedBytes: Array(bytes))
                time = time &+ Int64(bitPattern: event.deltaUs)
                others.append((RecordTime(microseconds: time), event))
            } catch {
                throw SchemaError(.malformed, "not an event", at: "others, byte \(bytes.startIndex)", underlying: error)
            }
        }
        return others
    }

    static func stretches(
        of block: SealedBlock, counts: [Int]
    ) throws(SchemaError) -> [DecodedSealedBlock.Stretch] {
        var column = VarintReader([UInt8](block.interleave), "interleave")
        var left = counts
        var stretches: [DecodedSealedBlock.Stretch] = []
        while !column.isAtEnd {
            let (lane, count) = (try column.next(), try column.next())
            guard lane < UInt64(left.count), count > 0, count <= UInt64(left[Int(lane)]) else {
                throw SchemaError(.value, "\(count) events of lane \(lane)", at: "interleave")
            }
            left[Int(lane)] -= Int(count)
            stretches.append(DecodedSealedBlock.Stretch(lane: Int(lane), count: Int(count)))
        }
        guard left.allSatisfy({ $0 == 0 }) else {
            throw SchemaError(.malformed, "events that have no place among the others", at: "interleave")
        }
        return stretches
    }

    static func batches(
        of block: SealedBlock, eventCount: Int
    ) throws(SchemaError) -> [DecodedSealedBlock.BatchStretch] {
        var column = VarintReader([UInt8](block.eventsPerBatch), "events_per_batch")
        var stretches: [DecodedSealedBlock.BatchStretch] = []
        var eventsLeft = UInt64(eventCount)
        var batchesLeft = block.lastSeq - block.firstSeq + 1
        while !column.isAtEnd {
            let (events, batches) = (try column.next(), try column.next())
            let (product, overflow) = events.multipliedReportingOverflow(by: batches)
            guard events > 0, batches > 0, !overflow, product <= eventsLeft, batches <= batchesLeft else {
                throw SchemaError(.value, "\(batches) batches of \(events) events", at: "events_per_batch")
            }
            eventsLeft -= product
            batchesLeft -= batches
            stretches.append(DecodedSealedBlock.BatchStretch(events: Int(events), batches: Int(batches)))
        }
        guard eventsLeft == 0, batchesLeft == 0 else {
            throw SchemaError(.malformed, "batches and events do not come out even", at: "events_per_batch")
        }
        return stretches
    }
}
