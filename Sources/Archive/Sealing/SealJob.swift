import EventSchema
import Foundation
import GRDB

/// Seals the live rows of one source: reads them beside the writer, packs outside any transaction, and gives the
/// writer one block at a time to swap in.
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
        let batches = try reader.liveBatches(of: source)
        guard let first = batches.first else { return 0 }
        let plan = SealPlan(
            rows: batches.map(SealPlan.Row.init), watermark: watermark, floor: floor, isComplete: isComplete)
        var sealed = 0
        for seqs in plan.blocks where seqs.count > 1 || isComplete {
            guard goesOn() else { return sealed }
            // Live rows follow each other except where a sealed block parts them: find them by seq.
            let start = Int(clamping: seqs.lowerBound - first.seq)
            let rows =
                batches.count > start && batches[start].seq == seqs.lowerBound
                ? Array(batches[start..<min(batches.count, start + seqs.count)])
                : batches.filter { seqs.contains($0.seq) }
            let block: Sealer.Block?
            do { block = try sealer.seal(rows) } catch {
                throw ArchiveError(.failed, "cannot seal source \(source): \(error)", underlying: error)
            }
            guard let block else { continue }
            try swap(source, block)
            sealed += rows.count
        }
        return sealed
    }
}

extension ArchiveReader {
    /// The batches of a source that are not sealed yet, in order.
    func liveBatches(of source: SourceID) throws(ArchiveError) -> [CheckedBatch] {
        do {
            let bodies = try archive.read { db in
                try Data.fetchAll(
                    db,
                    sql: """
                        SELECT b.body FROM blocks b JOIN sources s ON s.id = b.source
                        WHERE s.source = ? AND substr(b.body, 1, 1) = x'00' ORDER BY b.first
                        """, arguments: [Data(source.bytes)])
            }
            return try bodies.map { try BatchCodec.decode(Array($0.dropFirst())) }
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
                        SELECT s.id, count(*) count, max(b.arrival) arrival FROM blocks b JOIN sources s ON s.id = b.source
                        WHERE s.source = ? AND b.first BETWEEN ? AND ? AND b.last <= ?
                        """,
                    arguments: [
                        Data(source.bytes), Int64(block.seqs.lowerBound), Int64(block.seqs.upperBound),
                        Int64(block.seqs.upperBound),
                    ])
                guard let row, let id: Int64 = row["id"], let arrival: Int64 = row["arrival"],
                    let count: Int = row["count"], count == block.seqs.count
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
