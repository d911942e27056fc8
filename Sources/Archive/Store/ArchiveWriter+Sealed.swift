import EventSchema
import Foundation
import GRDB

extension ArchiveWriter {
    /// Stores a sealed block that comes from another archive, as it is.
    ///
    /// - Parameter stored: the body as it is stored.
    /// - Returns: `.accepted` also where everything in it was there already, `.waits` where something before it is missing
    ///   (then nothing is kept), `.conflict` where the archive knows another history of the source.
    /// - Throws: `ArchiveError(.damaged)` if it is no sealed block.
    public func append(sealed stored: [UInt8], user: String, now: RecordTime) throws(ArchiveError) -> AppendOutcome {
        let block: DecodedSealedBlock
        do {
            guard case .sealed(let read) = try StoredBlock.read(Data(stored)) else {
                throw ArchiveError(.damaged, "a block that is not sealed")
            }
            block = read
        } catch {
            throw ArchiveError(.damaged, "a sealed block cannot be read: \(error)", underlying: error)
        }
        do {
            return try database.write { db in try place(block, stored, user: user, in: db) }
        } catch {
            forgetHeads()
            throw ArchiveError(translating: error, doing: "store a sealed block")
        }
    }

    private func place(_ block: DecodedSealedBlock, _ stored: [UInt8], user: String, in db: Database) throws
        -> AppendOutcome
    {
        let row = try Row.fetchOne(
            db, sql: "SELECT id, session, head, head_hash FROM sources WHERE source = ?",
            arguments: [Data(block.source.bytes)])
        let head: Int64 = row?["head"] ?? 0
        let (first, last) = (Int64(block.firstSeq), Int64(block.lastSeq))
        if let session: Data = row?["session"], session != Data(block.session.bytes) { return .conflict }
        if last <= head { return .accepted }
        guard first <= head + 1 else { return .waits }
        let id: Int64
        if let row {
            id = row["id"]
        } else {
            let opened = block.timedEvents.first.flatMap { timed -> SourceOpened? in
                if case .sourceOpened(let opened) = timed.event.body { opened } else { nil }
            }
            try db.execute(
                sql:
                    "INSERT INTO sources(source, session, user, kind, head, head_hash, boot, end_us) VALUES(?, ?, ?, ?, 0, x'', ?, 0)",
                arguments: [
                    Data(block.source.bytes), Data(block.session.bytes), UserName.valid(opened?.user) ?? user,
                    opened?.kind.rawValue ?? 0, opened?.boot,
                ])
            id = db.lastInsertedRowID
        }
        let hash: Data = row?["head_hash"] ?? Data()
        let known = SourceHead(seq: UInt64(max(0, head)), hash: ContentHash(bytes: hash))
        guard try replaceRows(with: block, stored, source: id, head: known, in: db) else { return .conflict }
        let times = block.timedEvents
        let end = times.last?.time.microseconds ?? 0
        let closes = times.contains { if case .sourceClosed = $0.event.body { true } else { false } }
        try db.execute(
            sql:
                "UPDATE sources SET head = ?, head_hash = ?, end_us = max(end_us, ?), closed = closed OR ? WHERE id = ?",
            arguments: [last, Data(block.lastHash.bytes), end, closes, id])
        forgetHeads()
        return .accepted
    }

    /// Puts a block in the place of the rows it covers, up to `head`, if they say the same as it does.
    ///
    /// - Returns: false if the archive knows another history of the source; nothing is changed then.
    func replaceRows(
        with block: DecodedSealedBlock, _ stored: [UInt8], source: Int64, head: SourceHead, in db: Database
    ) throws -> Bool {
        var (first, stored) = (Int64(block.firstSeq), stored)
        if block.firstSeq == head.seq + 1 {
            guard block.previous == head.hash else { return false }
        } else {
            switch try overlap(of: block, through: Int64(head.seq), source: source, in: db) {
            case .differs: return false
            case .sameRows:
                try db.execute(sql: "DELETE FROM blocks WHERE source = ? AND first >= ?", arguments: [source, first])
            case .sameEvents:
                // Another archive parts its blocks elsewhere: only what is new is taken out of this one.
                let tail = try SealedBlockCodec.tail(of: block, from: head.seq + 1, previous: head.hash)
                let packed = try ZstdCompressor().compress(tail, level: Sealer.outputLevel)
                (first, stored) = (Int64(head.seq) + 1, [BlockBody.sealedForm] + packed)
            }
        }
        let times = block.timedEvents.filter { Int64($0.address.seq) >= first }
        try db.execute(
            sql: "INSERT INTO blocks(source, first, last, start_us, end_us, body) VALUES(?, ?, ?, ?, ?, ?)",
            arguments: [
                source, first, Int64(block.lastSeq), times.first?.time.microseconds ?? 0,
                times.last?.time.microseconds ?? 0, Data(stored),
            ])
        return true
    }

    /// Notes the hashes of a block that does not fit; nothing of it is kept.
    func note(conflict block: DecodedSealedBlock, expected: ContentHash?, now: RecordTime, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO conflicts(source, seq, hash, previous, expected, arrived_us) VALUES(?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                Data(block.source.bytes), Int64(block.firstSeq), Data(block.lastHash.bytes),
                Data(block.previous?.bytes ?? []), Data(expected?.bytes ?? []), now.microseconds,
            ])
    }

    private enum Overlap {
        case sameRows, sameEvents, differs
    }

    /// Whether the rows up to `head` hold the same events as the block begins with, and begin where it does.
    private func overlap(
        of block: DecodedSealedBlock, through head: Int64, source: Int64, in db: Database
    ) throws -> Overlap {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT first, body FROM blocks
                WHERE source = ?1 AND first >= \(BlockSearch.firstRow(with: "?2", of: "?1")) AND last >= ?2 ORDER BY first
                """,
            arguments: [source, Int64(block.firstSeq)])
        guard let begin: Int64 = rows.first?["first"] else { return .differs }
        let known = try rows.flatMap { row -> [TimedEvent] in try StoredBlock.events(in: row["body"]) }
            .filter { $0.address.seq >= block.firstSeq }
        guard known == Array(block.timedEvents.prefix { Int64($0.address.seq) <= head }) else { return .differs }
        return begin == Int64(block.firstSeq) ? .sameRows : .sameEvents
    }
}

/// The form that names of people have everywhere.
enum UserName {
    /// The name if it is `[a-z0-9-]{1,32}`, else nil.
    static func valid(_ name: String?) -> String? {
        guard let name, (1...32).contains(name.utf8.count),
            name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
            )
        else { return nil }
        return name
    }
}
