import Foundation
import SwiftProtobuf

/// Merges batches into sealed blocks and reads them again.
///
/// The events come back as they were, with `deltaUs` as `BatchCodec.encode` sets it; the batches' own bytes do not.
/// Edits lie in columns, run-length coded where they repeat; whatever columns cannot hold whole (other kinds, unknown
/// fields, long texts) stays an encoded event.
public enum SealedBlockCodec {
    public static let version: UInt32 = 1
    /// No block holds more: an event may be one byte of a block and a hundred of memory.
    public static let mostEvents = 1 << 17

    /// Whether a batch can go into a block without losing anything.
    public static func canSeal(_ batch: CheckedBatch) -> Bool {
        batch.unknownFields.data.isEmpty && !batch.events.isEmpty
    }

    /// Merges batches of one source that follow each other.
    ///
    /// - Throws: `SchemaError(.value)` if they do not, or if a batch holds fields that a block has no place for;
    ///   `.limit` if they hold too many events.
    public static func encode(_ batches: [CheckedBatch]) throws(SchemaError) -> [UInt8] {
        var encoder = SealedBlockEncoder()
        for batch in batches { try encoder.append(batch) }
        return try encoder.finish()
    }

    /// Reads a sealed block and checks all of it. No count in it makes this take more memory than its bytes justify.
    ///
    /// - Throws: `SchemaError` with `.malformed`, `.version`, `.limit` or `.value`, and the column as its place.
    public static func decode(_ bytes: [UInt8]) throws(SchemaError) -> DecodedSealedBlock {
        try SealedBlockReader.checkRunCount(of: bytes)
        let block: SealedBlock
        do { block = try SealedBlock(serializedBytes: bytes) } catch {
            throw SchemaError(.malformed, "not a sealed block", underlying: error)
        }
        guard block.version == version else {
            throw SchemaError(.version, "a sealed block of version \(block.version); this program knows \(version)")
        }
        guard let source = SourceID(bytes: block.source), let session = SessionID(bytes: block.session) else {
            throw SchemaError(.value, "a sealed block without source or session", at: "source")
        }
        guard block.firstSeq >= 1, block.lastSeq >= block.firstSeq, block.lastSeq <= UInt64(Int64.max) else {
            throw SchemaError(.value, "batches \(block.firstSeq) to \(block.lastSeq)", at: "last_seq")
        }
        let previous = ContentHash(bytes: block.previous)
        guard (block.firstSeq == 1) == block.previous.isEmpty, block.previous.isEmpty || previous != nil else {
            throw SchemaError(.value, "a predecessor hash of \(block.previous.count) bytes", at: "previous")
        }
        guard let lastHash = ContentHash(bytes: block.lastHash) else {
            throw SchemaError(.value, "a hash of \(block.lastHash.count) bytes", at: "last_hash")
        }
        var runs: [EditColumns] = []
        for run in block.runs { runs.append(try EditColumns(run, start: block.timeUs)) }
        let others = try SealedBlockReader.others(of: block)
        let stretches = try SealedBlockReader.stretches(of: block, counts: [others.count] + runs.map(\.count))
        let eventCount = others.count + runs.reduce(0) { $0 + $1.count }
        let batches = try SealedBlockReader.batches(of: block, eventCount: eventCount)
        return DecodedSealedBlock(
            source: source, session: session, firstSeq: block.firstSeq, lastSeq: block.lastSeq, previous: previous,
            lastHash: lastHash, runs: runs, others: others, stretches: stretches, batches: batches,
            eventCount: eventCount)
    }
}
