import EventSchema
import Foundation
import GRDB

/// Seals the live rows of one source: reads them beside the writer, packs outside any transaction, and gives the
/// writer one small step at a time to swap in.
public final class SealJob {
    private let reader: ArchiveReader
    private let sealer: Sealer

    /// - Throws: `ArchiveError(.failed)` where there is no memory.
    public init(reader: ArchiveReader) throws(ArchiveError) {
        self.reader = reader
        do { sealer = try Sealer() } catch { throw ArchiveError(.failed, error.description, underlying: error) }
    }

    /// - Parameters:
    ///   - watermark: of a source that is shared, the last seq the team has; rows above it stay as they are.
    ///   - floor: of a source that is shared in part, the last seq that is not.
    ///   - isComplete: whether no batch will follow, so that a last block that is not full is sealed as well.
    ///   - swap: stores a block in place of the rows it holds.
    ///   - goesOn: asked between blocks; the job ends early when it says no.
    /// - Returns: how many batches were sealed.
    public func seal(
        _ source: SourceID, watermark: UInt64? = nil, floor: UInt64? = nil, isComplete: Bool,
        swap: (SourceID, Sealer.Block) throws(ArchiveError) -> Void,
        goesOn: () -> Bool = { true }
    ) throws(ArchiveError) -> Int {
        var rows = try LiveRows(of: source, in: reader)
        var planner = SealPlanner()
        // What goes into the next block, and no more: a source may be longer than the memory. As bytes, which take less
        // than batches taken apart.
        var held: [[UInt8]] = []
        var sealed = 0
        func sealHeld() throws(ArchiveError) {
            defer { held.removeAll(keepingCapacity: true) }
            guard held.count > 1 || isComplete, try store(held, of: source, swap) else { return }
            sealed += held.count
        }
        while let batch = try rows.next() {
            if let watermark, batch.seq > watermark { return sealed }
            let row = SealPlan.Row(batch)
            if planner.add(row) != nil {
                guard goesOn() else { return sealed }
                try sealHeld()
            }
            if row.isSealable { held.append(batch.encoded) }
            if batch.seq == floor, planner.finish() != nil { try sealHeld() }
        }
        if isComplete, planner.finish() != nil, goesOn() { try sealHeld() }
        return sealed
    }

    /// So many rows, and bytes of them, go at once: whoever appends waits for no more than that.
    static let (mostRowsAtOnce, mostBytesAtOnce) = (64, 32 << 10)

    /// Packs and stores one block. Many rows first become small blocks, step by step, so that the last step has few
    /// rows to take away; after every step the archive holds each batch once.
    private func store(
        _ batches: [[UInt8]], of source: SourceID, _ swap: (SourceID, Sealer.Block) throws(ArchiveError) -> Void
    ) throws(ArchiveError) -> Bool {
        func packed(_ batches: ArraySlice<[UInt8]>, isPassing: Bool = false) throws(ArchiveError) -> Sealer.Block? {
            do { return try sealer.seal(encoded: batches, isPassing: isPassing) } catch {
                throw ArchiveError(.failed, "cannot seal source \(source): \(error)", underlying: error)
            }
        }
        guard let block = try packed(batches[...]) else { return false }
        let steps = Self.steps(of: batches)
        for step in steps where steps.count > 1 {
            if let small = try packed(batches[step], isPassing: true) { try swap(source, small) }
        }
        try swap(source, block)
        return true
    }

    private static func steps(of batches: [[UInt8]]) -> [Range<Int>] {
        var (steps, start, bytes): ([Range<Int>], Int, Int) = ([], 0, 0)
        for (index, batch) in batches.enumerated() {
            bytes += batch.count
            guard index + 1 - start == mostRowsAtOnce || bytes >= mostBytesAtOnce || index + 1 == batches.count else {
                continue
            }
            steps.append(start..<index + 1)
            (start, bytes) = (index + 1, 0)
        }
        return steps
    }
}

/// The batches of a source that are not sealed yet, in order, a page at a time.
private struct LiveRows {
    private let reader: ArchiveReader
    private let source: SourceID
    private let row: Int64
    private let last: Int64
    private var first: Int64 = 1
    private var page: [CheckedBatch] = []
    private static let pageBytes = 128 << 10

    init(of source: SourceID, in reader: ArchiveReader) throws(ArchiveError) {
        self.reader = reader
        self.source = source
        do {
            let found = try reader.archive.read { db in
                try Row.fetchOne(
                    db, sql: "SELECT id, head FROM sources WHERE source = ?", arguments: [Data(source.bytes)])
            }
            (row, last) = (found?["id"] ?? 0, found?["head"] ?? 0)
        } catch {
            throw ArchiveError(translating: error, doing: "read source \(source)")
        }
    }

    mutating func next() throws(ArchiveError) -> CheckedBatch? {
        if page.isEmpty { try turn() }
        return page.popLast()
    }

    private mutating func turn() throws(ArchiveError) {
        do {
            let bodies = try reader.archive.read { db in
                let rows = try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT body FROM blocks WHERE source = ? AND first BETWEEN ? AND ?
                        AND substr(body, 1, 1) = x'00' ORDER BY first
                        """, arguments: [row, first, last])
                var (bodies, bytes): ([Data], Int) = ([], 0)
                while bytes < Self.pageBytes, let row = try rows.next() {
                    let body: Data = row["body"]
                    bodies.append(body)
                    bytes += body.count
                }
                return bodies
            }
            page = try bodies.map { try BatchCodec.decode(Array($0.dropFirst())) }.reversed()
            if let newest = page.first { first = Int64(clamping: newest.seq) + 1 }
        } catch {
            throw ArchiveError(translating: error, doing: "read source \(source)")
        }
    }
}

extension ArchiveWriter {
    /// Puts a sealed block in the place of the rows it was made of.
    ///
    /// - Throws: `ArchiveError(.refused)` if those rows are not there any more; nothing is changed then.
    public func swapIn(_ block: Sealer.Block, of source: SourceID) throws(ArchiveError) {
        do {
            try database.write { db in
                let row = try Row.fetchOne(
                    db,
                    sql: """
                        SELECT s.id, total(b.last - b.first + 1) count, max(b.arrival) arrival
                        FROM blocks b JOIN sources s ON s.id = b.source
                        WHERE s.source = ? AND b.first BETWEEN ? AND ? AND b.last <= ?
                        """,
                    arguments: [
                        Data(source.bytes), Int64(block.seqs.lowerBound), Int64(block.seqs.upperBound),
                        Int64(block.seqs.upperBound),
                    ])
                guard let row, let id: Int64 = row["id"], let arrival: Int64 = row["arrival"],
                    let count: Double = row["count"], count == Double(block.seqs.count)
                else { throw ArchiveError(.refused, "the rows of source \(source) changed while they were sealed") }
                try db.execute(
                    sql: "DELETE FROM blocks WHERE source = ? AND first BETWEEN ? AND ?",
                    arguments: [id, Int64(block.seqs.lowerBound), Int64(block.seqs.upperBound)])
                try db.execute(
                    sql: """
                        INSERT INTO blocks(arrival, source, first, last, start_us, end_us, body) VALUES(?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        arrival, id, Int64(block.seqs.lowerBound), Int64(block.seqs.upperBound),
                        block.firstTime.microseconds, block.lastTime.microseconds, Data(block.body),
                    ])
            }
        } catch {
            throw ArchiveError(translating: error, doing: "seal source \(source)")
        }
    }

    /// Gives the room of sealed rows back to the disk.
    public func compact() throws(ArchiveError) {
        do { try database.giveRoomBack() } catch { throw ArchiveError(translating: error, doing: "shrink the archive") }
    }
}
