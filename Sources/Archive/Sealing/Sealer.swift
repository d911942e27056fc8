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
    public func seal(_ batches: [CheckedBatch], isPassing: Bool = false) throws(SealingError) -> Block? {
        let bytes: [UInt8]
        do { bytes = try SealedBlockCodec.encode(batches) } catch {
            throw SealingError(.content, error.description, underlying: error)
        }
        guard let first = batches.first, let last = batches.last else { return nil }
        let output = batches.reduce(0) { $0 + SealPlan.Row($1).outputBytes }
        let lastingLevel = output > SealPlan.mostOutput / 4 ? Self.outputLevel : Self.editLevel
        let level = isPassing ? Self.passingLevel : lastingLevel
        let frame: [UInt8]
        do { frame = try compressor.compress(bytes, level: level) } catch {
            throw SealingError(.packing, error.description, underlying: error)
        }
        guard frame.count < batches.reduce(0, { $0 + $1.encoded.count }) else { return nil }
        return Block(
            seqs: first.seq...last.seq, body: [BlockBody.sealedForm] + frame,
            firstTime: first.timedEvents.first?.time ?? .epoch, lastTime: last.endTime, lastHash: last.hash,
            events: batches.reduce(0) { $0 + $1.batch.events.count })
    }
}
