import EventSchema
import Foundation
import GRDB

/// A row of `blocks` as it is stored: a batch or a sealed block.
public struct StoredRow: Sendable, Equatable {
    public var seqs: ClosedRange<UInt64>
    public var stored: [UInt8]

    /// What a stored body holds.
    ///
    /// - Throws: `ArchiveError(.damaged)`.
    public static func body(of stored: [UInt8]) throws(ArchiveError) -> BlockBody {
        do { return try StoredBlock.read(Data(stored)) } catch {
            throw ArchiveError(.damaged, "a row cannot be read: \(error)", underlying: error)
        }
    }
}

extension ArchiveReader {
    /// The rows of a source that hold batches of a range, in order.
    ///
    /// - Parameters:
    ///   - seqs: what is wanted; the first row may begin before it, the last may end behind it.
    ///   - count: the most rows.
    ///   - bytes: about the most bytes; one row is read in any case.
    public func rows(
        of source: SourceID, _ seqs: ClosedRange<UInt64>, count: Int = .max, bytes: Int = .max
    ) throws(ArchiveError) -> [StoredRow] {
        do {
            return try archive.read { db in
                let rows = try Row.fetchCursor(
                    db.cachedStatement(
                        sql: """
                            SELECT b.first, b.last, b.body FROM blocks b JOIN sources s ON s.id = b.source
                            WHERE s.source = ?1 AND b.first >= \(BlockSearch.firstRow(with: "?2", of: "s.id"))
                            AND b.last >= ?2 AND b.first <= ?3 ORDER BY b.first
                            """),
                    arguments: [
                        Data(source.bytes), Int64(clamping: seqs.lowerBound), Int64(clamping: seqs.upperBound),
                    ])
                var found: [StoredRow] = []
                var room = bytes
                while found.count < count, room > 0, let row = try rows.next() {
                    let (first, last, body): (Int64, Int64, Data) = (row["first"], row["last"], row["body"])
                    guard first >= 1, last >= first else {
                        throw ArchiveError(.damaged, "a row of source \(source) holds no batches")
                    }
                    found.append(StoredRow(seqs: UInt64(first)...UInt64(last), stored: Array(body)))
                    room -= body.count
                }
                return found
            }
        } catch {
            throw ArchiveError(translating: error, doing: "read source \(source)")
        }
    }

    /// The hash of a source's batch `seq`, which the one behind it names; nil where neither is there.
    public func hash(of source: SourceID, at seq: UInt64) throws(ArchiveError) -> ContentHash? {
        if let head = try sources([source]).first?.head, head.seq == seq { return head.hash }
        for row in try rows(of: source, seq...(seq + 1), count: 2) {
            let body: BlockBody
            do { body = try StoredBlock.read(Data(row.stored)) } catch { continue }
            if row.seqs.upperBound == seq { return body.lastHash }
            if row.seqs.lowerBound == seq + 1 { return body.previousHash }
        }
        return nil
    }

    /// These sources, where they are there.
    public func sources(_ ids: [SourceID]) throws(ArchiveError) -> [SourceSummary] {
        do {
            return try archive.read { db in
                let statement = try db.cachedStatement(sql: "SELECT * FROM sources WHERE source = ?")
                return try ids.compactMap { id in
                    try Row.fetchOne(statement, arguments: [Data(id.bytes)]).map(Self.source)
                }
            }
        } catch {
            throw ArchiveError(translating: error, doing: "list the sources")
        }
    }

    /// How far the team was known to have sources.
    public func watermarks() throws(ArchiveError) -> [SourceID: UInt64] {
        do {
            let rows = try archive.read { try Row.fetchAll($0, sql: "SELECT source, seq FROM watermarks") }
            var marks: [SourceID: UInt64] = [:]
            for row in rows {
                let seq: Int64 = row["seq"]
                if let source = SourceID(bytes: row["source"] as Data) { marks[source] = UInt64(max(0, seq)) }
            }
            return marks
        } catch {
            throw ArchiveError(translating: error, doing: "read the watermarks")
        }
    }

    /// The newest stored keyframe of a source that is not behind batch `seq`, unpacked; nil if there is none.
    public func keyframe(of source: SourceID, atMost seq: UInt64) throws(ArchiveError) -> (seq: UInt64, state: [UInt8])?
    {
        do {
            let chain = try archive.read { db -> [StoredKeyframe] in
                let row = try Row.fetchOne(
                    db,
                    sql: """
                        SELECT k.source, k.time_us FROM keyframes k JOIN sources s ON s.id = k.source
                        WHERE s.source = ? AND k.seq <= ? ORDER BY k.seq DESC LIMIT 1
                        """, arguments: [Data(source.bytes), Int64(clamping: seq)])
                guard let row else { return [] }
                let time: Int64 = row["time_us"]
                return try StoredKeyframe.chain(
                    of: row["source"], at: RecordTime(microseconds: time), after: 0, in: db)
            }
            guard let newest = chain.last, newest.seq <= seq else { return nil }
            return (newest.seq, try KeyframeCodec().decode(chain: chain.map(\.body)))
        } catch {
            throw ArchiveError(translating: error, doing: "read a keyframe of source \(source)")
        }
    }
}

extension ArchiveWriter {
    /// Remembers how far a team's archive is with sources: where the relay begins after a restart, and what may be
    /// sealed.
    public func setWatermarks(_ marks: [SourceID: UInt64], archive: Identifier) throws(ArchiveError) {
        do {
            try database.write { db in
                let statement = try db.cachedStatement(
                    sql: """
                        INSERT INTO watermarks VALUES(?, ?, ?)
                        ON CONFLICT DO UPDATE SET archive = excluded.archive, seq = excluded.seq
                        """)
                for (source, seq) in marks {
                    try statement.execute(arguments: [
                        Data(source.bytes), Data(archive.bytes), Int64(clamping: seq),
                    ])
                }
            }
        } catch {
            throw ArchiveError(translating: error, doing: "remember the watermarks")
        }
    }
}
