import EventSchema
import Foundation
import GRDB

/// What became of one batch.
public enum AppendOutcome: Sendable, Equatable {
    /// It is committed, now or before.
    case accepted
    /// It waits until what is missing before it has come; not accepted yet.
    case waits
    /// It names another predecessor; its hashes are noted, nothing of it is kept.
    case conflict
}

/// The only writer of an archive. Not thread-safe: whoever owns it calls it from one queue.
public final class ArchiveWriter {
    /// The most batches of one source that wait for a missing one.
    public static let mostAhead = 4096

    public let home: ArchiveHome
    let database: DatabaseQueue
    var sources: [SourceID: StoredSource] = [:]
    /// Sources of which something may wait in `ahead`; nil until that was looked up.
    var waitingSources: Set<SourceID>?

    /// Opens or creates the archive of `home`.
    ///
    /// - Throws: `ArchiveError` with `.unreachable`, `.damaged` or `.full`.
    public init(home: ArchiveHome) throws(ArchiveError) {
        self.home = home
        database = try ArchiveFile.openForWriting(home)
    }

    /// Stores batches in one transaction; what it says afterwards is committed.
    ///
    /// - Throws: `ArchiveError`; then nothing of them is stored and they may be offered again.
    public func append(_ batches: [CheckedBatch], user: String, now: RecordTime) throws(ArchiveError) -> [AppendOutcome]
    {
        var outcomes: [AppendOutcome] = []
        let before = sources
        do {
            try database.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    for batch in batches { outcomes.append(try place(batch, user: user, now: now, in: db)) }
                    return .commit
                }
            }
        } catch {
            sources = before
            throw ArchiveError(translating: error, doing: "store in \(home.directory.path)")
        }
        return outcomes
    }

    /// How far the archive is with a source.
    public func head(of source: SourceID) throws(ArchiveError) -> SourceHead {
        do {
            return try database.read { db in try stored(source, in: db)?.head ?? SourceHead() }
        } catch {
            throw ArchiveError(translating: error, doing: "read the head of \(source)")
        }
    }

    /// Makes everything committed so far safe against a power cut.
    public func makeDurable() throws(ArchiveError) {
        do {
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(
                    sql:
                        "INSERT INTO meta VALUES('durable', '1') ON CONFLICT DO UPDATE SET value = (value + 1) % 1000000"
                )
                try db.execute(sql: "PRAGMA synchronous = NORMAL")
            }
        } catch {
            throw ArchiveError(translating: error, doing: "make the archive durable")
        }
    }

    /// A small value kept beside the truth, such as the anchor of this boot's clock.
    public func meta(_ name: String) throws(ArchiveError) -> String? {
        do {
            return try database.read { db in
                try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = ?", arguments: [name])
            }
        } catch {
            throw ArchiveError(translating: error, doing: "read \(name)")
        }
    }

    public func setMeta(_ name: String, _ value: String) throws(ArchiveError) {
        do {
            try database.write { db in
                try db.execute(sql: "INSERT OR REPLACE INTO meta VALUES(?, ?)", arguments: [name, value])
            }
        } catch {
            throw ArchiveError(translating: error, doing: "store \(name)")
        }
    }

    /// Lets go of what is known of sources, after rows changed behind `append`.
    func forgetHeads() { sources = [:] }

    // MARK: -

    struct StoredSource {
        var id: Int64
        var session: SessionID
        var user: String
        var head: SourceHead
    }

    func stored(_ source: SourceID, in db: Database) throws -> StoredSource? {
        if let known = sources[source] { return known }
        let row = try Row.fetchOne(
            db, sql: "SELECT id, session, user, head, head_hash FROM sources WHERE source = ?",
            arguments: [Data(source.bytes)])
        guard let row else { return nil }
        let session: Data = row["session"]
        let hash: Data = row["head_hash"]
        let head: Int64 = row["head"]
        // A source of which only later batches have come has no head yet.
        let hasHead = head > 0
        guard let session = SessionID(bytes: session), (ContentHash(bytes: hash) != nil) == hasHead else {
            throw ArchiveError(.damaged, "the row of source \(source) is damaged")
        }
        let found = StoredSource(
            id: row["id"], session: session, user: row["user"],
            head: SourceHead(seq: UInt64(max(0, head)), hash: ContentHash(bytes: hash)))
        sources[source] = found
        return found
    }

    private func place(_ batch: CheckedBatch, user: String, now: RecordTime, in db: Database) throws -> AppendOutcome {
        let known = try stored(batch.source, in: db)
        if let known, known.session != batch.session {
            try note(conflict: batch, expected: known.head.hash, now: now, in: db)
            return .conflict
        }
        let head = known?.head ?? SourceHead()
        switch head.decision(on: batch) {
        case .duplicate:
            return .accepted
        case .conflict:
            try note(conflict: batch, expected: head.hash, now: now, in: db)
            return .conflict
        case .ahead:
            let waiting =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM ahead WHERE source = ?", arguments: [Data(batch.source.bytes)]) ?? 0
            guard waiting < Self.mostAhead else { return .waits }
            try db.execute(
                sql: "INSERT OR IGNORE INTO ahead(source, seq, user, body) VALUES(?, ?, ?, ?)",
                arguments: [Data(batch.source.bytes), Int64(batch.seq), user, Data(batch.encoded)])
            return .waits
        case .extends:
            try insert(batch, user: user, in: db)
            try takeWaiting(after: batch, now: now, in: db)
            return .accepted
        }
    }

    private func insert(_ batch: CheckedBatch, user: String, in db: Database) throws {
        let end = batch.endTime.microseconds
        let closes = batch.events.contains { if case .sourceClosed = $0.body { true } else { false } }
        let id: Int64
        let owner: String
        if let known = sources[batch.source] {
            owner = known.user
            id = known.id
            try db.cachedStatement(
                sql:
                    "UPDATE sources SET head = ?, head_hash = ?, end_us = max(end_us, ?), closed = closed OR ? WHERE id = ?"
            ).execute(arguments: [Int64(batch.seq), Data(batch.hash.bytes), end, closes, id])
        } else {
            let opened = batch.events.first.flatMap {
                if case .sourceOpened(let opened) = $0.body { opened } else { nil }
            }
            owner = UserName.valid(opened?.user) ?? user
            try db.execute(
                sql: """
                    INSERT INTO sources(source, session, user, kind, head, head_hash, boot, end_us, closed)
                    VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    Data(batch.source.bytes), Data(batch.session.bytes), owner, opened?.kind.rawValue ?? 0,
                    Int64(batch.seq),
                    Data(batch.hash.bytes), opened?.boot, end, closes,
                ])
            id = db.lastInsertedRowID
        }
        var blocks = BlockInsert(db)
        try blocks.add(batch, source: id)
        try blocks.flush()
        sources[batch.source] = StoredSource(
            id: id, session: batch.session, user: owner, head: SourceHead(seq: batch.seq, hash: batch.hash))
    }

    /// What had waited for `batch` follows it now.
    private func takeWaiting(after batch: CheckedBatch, now: RecordTime, in db: Database) throws {
        let source = Data(batch.source.bytes)
        var next = batch.seq + 1
        while let row = try Row.fetchOne(
            db, sql: "SELECT id, user, body FROM ahead WHERE source = ? AND seq = ?", arguments: [source, Int64(next)])
        {
            let id: Int64 = row["id"]
            let body: Data = row["body"]
            try db.execute(sql: "DELETE FROM ahead WHERE id = ?", arguments: [id])
            let waiting = try BatchCodec.decode(Array(body))
            guard let head = sources[batch.source]?.head, head.decision(on: waiting) == .extends else {
                try note(conflict: waiting, expected: sources[batch.source]?.head.hash, now: now, in: db)
                return
            }
            try insert(waiting, user: row["user"], in: db)
            next += 1
        }
    }

    func note(conflict batch: CheckedBatch, expected: ContentHash?, now: RecordTime, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO conflicts(source, seq, hash, previous, expected, arrived_us) VALUES(?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                Data(batch.source.bytes), Int64(batch.seq), Data(batch.hash.bytes), Data(batch.previous?.bytes ?? []),
                Data(expected?.bytes ?? []), now.microseconds,
            ])
    }
}
