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
        if first == head + 1 {
            let known: Data? = row?["head_hash"]
            guard head == 0 ? block.previous == nil : block.previous.map({ Data($0.bytes) }) == known else {
                return .conflict
            }
        } else {
            guard try knows(block, through: head, source: id, in: db) else { return .conflict }
            try db.execute(sql: "DELETE FROM blocks WHERE source = ? AND first >= ?", arguments: [id, first])
        }
        let times = block.timedEvents
        let end = times.last?.time.microseconds ?? 0
        let closes = times.contains { if case .sourceClosed = $0.event.body { true } else { false } }
        try db.execute(
            sql: "INSERT INTO blocks(source, first, last, start_us, end_us, body) VALUES(?, ?, ?, ?, ?, ?)",
            arguments: [id, first, last, times.first?.time.microseconds ?? 0, end, Data(stored)])
        try db.execute(
            sql:
                "UPDATE sources SET head = ?, head_hash = ?, end_us = max(end_us, ?), closed = closed OR ? WHERE id = ?",
            arguments: [last, Data(block.lastHash.bytes), end, closes, id])
        forgetHeads()
        return .accepted
    }

    /// Whether the rows from the block's first batch to `head` hold the same events as the block begins with.
    private func knows(_ block: DecodedSealedBlock, through head: Int64, source: Int64, in db: Database) throws -> Bool
    {
        let rows = try Row.fetchAll(
            db, sql: "SELECT first, body FROM blocks WHERE source = ? AND last >= ? ORDER BY first",
            arguments: [source, Int64(block.firstSeq)])
        guard let begin: Int64 = rows.first?["first"], begin == Int64(block.firstSeq) else { return false }
        let known = try rows.flatMap { row -> [TimedEvent] in try StoredBlock.events(in: row["body"]) }
        return known == Array(block.timedEvents.prefix { Int64($0.address.seq) <= head })
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
