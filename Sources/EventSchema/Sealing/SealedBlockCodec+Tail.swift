import Foundation
import SwiftProtobuf

extension SealedBlockCodec {
    /// The end of a block, from a batch in the middle of it on, as a block of its own.
    ///
    /// - Parameters:
    ///   - seq: its first batch, one of the block's.
    ///   - previous: the hash of the batch before; a block does not keep those of its middle.
    /// - Throws: `SchemaError(.value)` if the block does not hold the batch.
    public static func tail(
        of block: DecodedSealedBlock, from seq: UInt64, previous: ContentHash?
    ) throws(SchemaError) -> [UInt8] {
        guard (block.firstSeq...block.lastSeq).contains(seq) else {
            throw SchemaError(.value, "the block holds batches \(block.firstSeq) to \(block.lastSeq), not \(seq)")
        }
        var batches: [CheckedBatch] = []
        var events: [(time: RecordTime, event: Event)] = []
        var current = seq
        func close() {
            batches.append(
                BatchCodec.encode(
                    source: block.source, session: block.session, seq: current,
                    previous: batches.last?.hash ?? previous, events: events))
            events = []
        }
        for timed in block.timedEvents where timed.address.seq >= seq {
            if timed.address.seq != current {
                close()
                current = timed.address.seq
            }
            events.append((timed.time, timed.event))
        }
        close()
        do {
            var tail = try SealedBlock(serializedBytes: try encode(batches))
            tail.lastHash = Data(block.lastHash.bytes)
            return try tail.serializedBytes()
        } catch let error as SchemaError {
            throw error
        } catch {
            throw SchemaError(.malformed, "a block's end cannot be packed", underlying: error)
        }
    }
}
