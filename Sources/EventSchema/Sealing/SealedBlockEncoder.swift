import Foundation
import SwiftProtobuf

/// Merges batches of one source into a sealed block, one after another: none of them need be kept.
public struct SealedBlockEncoder: Sendable {
    private struct Begun {
        var source: SourceID
        var session: SessionID
        var firstSeq: UInt64
        var previous: ContentHash?
        var lastSeq: UInt64
        var lastHash: ContentHash
        var writer: SealedBlockWriter
    }

    private var begun: Begun?
    private var events = 0

    public init() {}

    /// - Throws: `SchemaError(.value)` if the batch does not follow the one before it, or holds fields that a block has no
    ///   place for; `.limit` if it is one event too many.
    public mutating func append(_ batch: CheckedBatch) throws(SchemaError) {
        guard SealedBlockCodec.canSeal(batch) else {
            throw SchemaError(.value, "a batch with unknown fields", at: "seq \(batch.seq)")
        }
        events += batch.events.count
        guard events <= SealedBlockCodec.mostEvents else {
            throw SchemaError(.limit, "a sealed block of more than \(SealedBlockCodec.mostEvents) events")
        }
        if let begun {
            guard batch.source == begun.source, batch.session == begun.session, batch.seq == begun.lastSeq &+ 1,
                batch.previous == begun.lastHash
            else {
                throw SchemaError(.value, "a batch that does not follow the one before it", at: "seq \(batch.seq)")
            }
        } else {
            begun = Begun(
                source: batch.source, session: batch.session, firstSeq: batch.seq, previous: batch.previous,
                lastSeq: batch.seq, lastHash: batch.hash,
                writer: SealedBlockWriter(start: batch.timedEvents.first?.time.microseconds ?? 0))
        }
        begun?.lastSeq = batch.seq
        begun?.lastHash = batch.hash
        try begun?.writer.append(batch)
    }

    /// The block, encoded.
    ///
    /// - Throws: `SchemaError(.value)` if it has no batch, `.limit` if it is too large.
    public func finish() throws(SchemaError) -> [UInt8] {
        guard let begun else { throw SchemaError(.value, "a sealed block of no batches") }
        var block = begun.writer.block
        block.version = SealedBlockCodec.version
        block.source = Data(begun.source.bytes)
        block.session = Data(begun.session.bytes)
        block.firstSeq = begun.firstSeq
        block.lastSeq = begun.lastSeq
        if let previous = begun.previous { block.previous = Data(previous.bytes) }
        block.lastHash = Data(begun.lastHash.bytes)
        do { return try block.serializedBytes() } catch {
            throw SchemaError(.limit, "a sealed block that is too large", underlying: error)
        }
    }
}
