import EventSchema
import Foundation

/// Makes sealed blocks. Holds the packer's tables; use it from one thread at a time, outside any transaction.
public final class Sealer {
    /// What one row of `blocks` takes in place of many.
    public struct Block: Sendable, Equatable {
        public let seqs: ClosedRange<UInt64>
        /// The stored body, form byte and all.
        public let body: [UInt8]
        public let firstTime: RecordTime
        public let lastTime: RecordTime
        public let lastHash: ContentHash
        public let events: Int
    }

    static let editLevel = 19
    static let outputLevel = 6
    /// Of blocks that a larger one takes in at once.
    static let passingLevel = 1

    private let compressor: ZstdCompressor

    /// - Throws: `SealingError(.packing)` where there is no memory.
    public init() throws(SealingError) {
        do { compressor = try ZstdCompressor() } catch {
            throw SealingError(.packing, error.description, underlying: error)
        }
    }

    /// The block of these batches of one source; nil where it would be no smaller than they are.
    ///
    /// - Parameter isPassing: whether it is only there until a larger one takes it in: packed quickly.
    /// - Throws: `SealingError(.content)` if the batches do not follow each other, `.packing` where there is no memory.
    public func seal(_ batches: some Sequence<CheckedBatch>, isPassing: Bool = false) throws(SealingError) -> Block? {
        var making = Making()
        for batch in batches { try making.add(batch) }
        return try finish(making, isPassing: isPassing)
    }

    /// The same of batches as they are encoded, in order: only one of them is taken apart at a time.
    ///
    /// - Throws: also `SealingError(.content)` if one is no batch.
    public func seal(encoded batches: some Sequence<[UInt8]>, isPassing: Bool = false) throws(SealingError) -> Block? {
        var making = Making()
        for bytes in batches {
            let batch: CheckedBatch
            do { batch = try BatchCodec.decode(bytes) } catch {
                throw SealingError(.content, error.description, underlying: error)
            }
            try making.add(batch)
        }
        return try finish(making, isPassing: isPassing)
    }

    /// A block that batches are added to.
    private struct Making {
        var encoder = SealedBlockEncoder()
        var seqs: ClosedRange<UInt64>?
        var (firstTime, lastTime) = (RecordTime.epoch, RecordTime.epoch)
        var lastHash: ContentHash?
        var (events, outputBytes, bytes) = (0, 0, 0)

        mutating func add(_ batch: CheckedBatch) throws(SealingError) {
            do { try encoder.append(batch) } catch {
                throw SealingError(.content, error.description, underlying: error)
            }
            if seqs == nil { firstTime = batch.timedEvents.first?.time ?? .epoch }
            seqs = (seqs?.lowerBound ?? batch.seq)...batch.seq
            (lastTime, lastHash) = (batch.endTime, batch.hash)
            events += batch.events.count
            outputBytes += SealPlan.Row(batch).outputBytes
            bytes += batch.encoded.count
        }
    }

    private func finish(_ making: Making, isPassing: Bool) throws(SealingError) -> Block? {
        guard let seqs = making.seqs, let lastHash = making.lastHash else { return nil }
        let bytes: [UInt8]
        do { bytes = try making.encoder.finish() } catch {
            throw SealingError(.content, error.description, underlying: error)
        }
        let lastingLevel = making.outputBytes > SealPlan.mostOutput / 4 ? Self.outputLevel : Self.editLevel
        let level = isPassing ? Self.passingLevel : lastingLevel
        let frame: [UInt8]
        do { frame = try compressor.compress(bytes, level: level) } catch {
            throw SealingError(.packing, error.description, underlying: error)
        }
        guard frame.count < making.bytes else { return nil }
        return Block(
            seqs: seqs, body: [BlockBody.sealedForm] + frame, firstTime: making.firstTime, lastTime: making.lastTime,
            lastHash: lastHash, events: making.events)
    }
}
