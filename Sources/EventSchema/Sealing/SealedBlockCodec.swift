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
        batch.batch.unknownFields.data.isEmpty && !batch.batch.events.isEmpty
    }

    /// Merges batches of one source that follow each other.
    ///
    /// - Throws: `SchemaError(.value)` if they do not, or if a batch holds fields that a block has no place for;
    ///   `.limit` if they hold too many events.
    public static func encode(_ batches: [CheckedBatch]) throws(SchemaError) -> [UInt8] {
        guard let first = batches.first, let last = batches.last else {
            throw SchemaError(.value, "a sealed block of no batches")
        }
        guard batches.reduce(0, { $0 + $1.batch.events.count }) <= mostEvents else {
            throw SchemaError(.limit, "a sealed block of more than \(mostEvents) events")
        }
        var before: CheckedBatch?
        for batch in batches {
            guard canSeal(batch) else {
                throw SchemaError(.value, "a batch with unknown fields", at: "seq \(batch.seq)")
            }
            if let before {
                guard batch.source == before.source, batch.session == before.session,
                    batch.seq == before.seq &+ 1, batch.previous == before.hash
                else {
                    throw SchemaError(.value, "a batch that does not follow the one before it", at: "seq \(batch.seq)")
                }
            }
            before = batch
        }
        var writer = BlockWriter(start: first.timedEvents.first?.time.microseconds ?? 0)
        for batch in batches { try writer.append(batch) }
        var block = writer.block
        block.version = version
        block.source = Data(first.source.bytes)
        block.session = Data(first.session.bytes)
        block.firstSeq = first.seq
        block.lastSeq = last.seq
        if let previous = first.previous { block.previous = Data(previous.bytes) }
        block.lastHash = Data(last.hash.bytes)
        do { return try block.serializedBytes() } catch {
            throw SchemaError(.limit, "a sealed block that is too large", underlying: error)
        }
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

/// Collects the events of batches into the parts of a block.
private struct BlockWriter {
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
