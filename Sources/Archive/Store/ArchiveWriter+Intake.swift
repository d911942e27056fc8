import EventSchema
import Foundation
import GRDB

extension ArchiveWriter {
    /// Stores what came to a team's archive, good and bad, in one transaction: after it all of it can be acknowledged.
    ///
    /// - Throws: `ArchiveError`; then nothing of it is stored.
    public func store(_ arrivals: [Arrival], now: RecordTime) throws(ArchiveError) -> IntakeReport {
        let before = sources
        do {
            var report = IntakeReport()
            try database.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    var intake = try IntakeTransaction(self, db, now)
                    for arrival in arrivals { try intake.take(arrival) }
                    try intake.finish()
                    report = intake.report
                    return .commit
                }
            }
            if sources.count > Self.mostKnownSources { forgetHeads() }
            return report
        } catch {
            (sources, waitingSources) = (before, nil)
            throw ArchiveError(translating: error, doing: "store in \(home.directory.path)")
        }
    }

    /// What is known of so many sources stays in memory.
    private static let mostKnownSources = 100_000

    /// The identity of this archive, minted once.
    public func identity() throws(ArchiveError) -> Identifier {
        if let text = try meta("archive"), let known = Identifier(text) { return known }
        var generator = SystemRandomNumberGenerator()
        let new = Identifier.make(at: .epoch, using: &generator)
        try setMeta("archive", new.description)
        return new
    }

    /// Whether batches of a source may wait in `ahead`: asked for every batch, so remembered.
    fileprivate func mayHaveAhead(_ source: SourceID, in db: Database) throws -> Bool {
        if let waitingSources { return waitingSources.contains(source) }
        let waiting = try Data.fetchAll(db, sql: "SELECT DISTINCT source FROM ahead")
        let known = Set(waiting.compactMap { SourceID(bytes: $0) })
        waitingSources = known
        return known.contains(source)
    }

    /// The heads of sources that grew since a moment.
    public func heads(since: RecordTime) throws(ArchiveError) -> [SourceID: KnownHead] {
        do {
            return try database.read { db in
                let rows = try Row.fetchAll(
                    db, sql: "SELECT source FROM sources WHERE arrived_us >= ?", arguments: [since.microseconds])
                var heads: [SourceID: KnownHead] = [:]
                for row in rows {
                    guard let source = SourceID(bytes: row["source"] as Data), let known = try stored(source, in: db)
                    else { continue }
                    heads[source] = KnownHead(user: known.user, session: known.session, head: known.head)
                }
                return heads
            }
        } catch {
            throw ArchiveError(translating: error, doing: "read the heads")
        }
    }
}

/// One transaction of a team's archive.
private struct IntakeTransaction {
    let writer: ArchiveWriter
    let db: Database
    let now: RecordTime
    var report = IntakeReport()
    /// Sources whose rows are to be written at the end.
    private var grown: [SourceID: (end: Int64, closes: Bool)] = [:]
    private var blocks: BlockInsert
    private var quarantined = false

    init(_ writer: ArchiveWriter, _ db: Database, _ now: RecordTime) throws {
        self.writer = writer
        self.db = db
        self.now = now
        blocks = BlockInsert(db)
    }

    mutating func take(_ arrival: Arrival) throws {
        switch arrival {
        case .batch(let batch, let kind, let user): try take(batch, kind, user)
        case .block(let stored, let block, let kind, let user): try take(stored, block, kind, user)
        case .lost(let range, let kind, let user): try take(range, kind, user)
        case .refused(let message, let reason): try quarantine(message, reason)
        }
    }

    /// Writes what was only noted while the messages were gone through.
    mutating func finish() throws {
        try blocks.flush()
        let update = try db.cachedStatement(
            sql: """
                UPDATE sources SET head = ?, head_hash = ?, end_us = max(end_us, ?), closed = closed OR ?, arrived_us = ?
                WHERE id = ?
                """)
        for (source, change) in grown {
            guard let known = writer.sources[source] else { continue }
            try update.execute(arguments: [
                Int64(known.head.seq), Data(known.head.hash?.bytes ?? []), change.end, change.closes, now.microseconds,
                known.id,
            ])
        }
        for source in report.heads.keys {
            if let head = writer.sources[source]?.head { report.heads[source]?.head = head }
        }
        if quarantined { try writer.trimQuarantine(in: db) }
    }

    // MARK: -

    /// The source, if it and its session are the user's; nil after it was refused.
    private mutating func owned(
        _ source: SourceID, _ session: SessionID, _ kind: SourceKind, _ user: String, opened: SourceOpened?,
        message: @autoclosure () -> [UInt8]
    ) throws -> ArchiveWriter.StoredSource? {
        let known: ArchiveWriter.StoredSource
        if let found = try writer.stored(source, in: db) {
            known = found
        } else {
            let owner = try String.fetchOne(
                db, sql: "SELECT user FROM sources WHERE session = ? LIMIT 1", arguments: [Data(session.bytes)])
            if let owner, owner != user {
                try quarantine(message(), "session \(session) is \(owner)'s, not \(user)'s")
                return nil
            }
            try db.execute(
                sql: """
                    INSERT INTO sources(source, session, user, kind, head, head_hash, boot, end_us)
                    VALUES(?, ?, ?, ?, 0, x'', ?, 0)
                    """,
                arguments: [
                    Data(source.bytes), Data(session.bytes), user, (opened?.kind ?? kind).rawValue, opened?.boot,
                ])
            known = ArchiveWriter.StoredSource(
                id: db.lastInsertedRowID, session: session, user: user, head: SourceHead())
            writer.sources[source] = known
        }
        guard known.user == user else {
            try quarantine(message(), "source \(source) is \(known.user)'s, not \(user)'s")
            return nil
        }
        guard known.session == session else {
            try quarantine(message(), "source \(source) belongs to session \(known.session), not \(session)")
            return nil
        }
        if report.heads[source] == nil {
            report.heads[source] = KnownHead(user: user, session: session, head: known.head)
        }
        return known
    }

    private mutating func take(_ batch: CheckedBatch, _ kind: SourceKind, _ user: String) throws {
        guard
            let known = try owned(
                batch.source, batch.session, kind, user, opened: batch.opened, message: batch.encoded)
        else { return }
        switch known.head.decision(on: batch) {
        case .duplicate: report.duplicates += 1
        case .conflict:
            try writer.note(conflict: batch, expected: known.head.hash, now: now, in: db)
            report.conflicts += 1
        case .ahead:
            report.waiting += 1
            let source = Data(batch.source.bytes)
            let waiting =
                try Int.fetchOne(db, sql: "SELECT count(*) FROM ahead WHERE source = ?", arguments: [source]) ?? 0
            guard waiting < ArchiveWriter.mostAhead else { return }
            try db.execute(
                sql: "INSERT OR IGNORE INTO ahead(source, seq, user, body) VALUES(?, ?, ?, ?)",
                arguments: [source, Int64(batch.seq), user, Data(batch.encoded)])
            writer.waitingSources?.insert(batch.source)
        case .extends:
            try insert(batch, known)
            try takeWaiting(of: batch.source)
        }
    }

    private mutating func insert(_ batch: CheckedBatch, _ known: ArchiveWriter.StoredSource) throws {
        try blocks.add(batch, source: known.id)
        report.appended += 1
        advance(
            batch.source, known, SourceHead(seq: batch.seq, hash: batch.hash),
            end: batch.endTime.microseconds, closes: batch.closes)
    }

    private mutating func advance(
        _ source: SourceID, _ known: ArchiveWriter.StoredSource, _ head: SourceHead, end: Int64, closes: Bool
    ) {
        var known = known
        known.head = head
        writer.sources[source] = known
        var change = grown[source] ?? (end: .min, closes: false)
        change.end = max(change.end, end)
        change.closes = change.closes || closes
        grown[source] = change
    }

    /// What had waited follows now.
    private mutating func takeWaiting(of source: SourceID) throws {
        guard try writer.mayHaveAhead(source, in: db) else { return }
        let id = Data(source.bytes)
        while let known = writer.sources[source],
            let row = try Row.fetchOne(
                db, sql: "SELECT id, body FROM ahead WHERE source = ? AND seq = ?",
                arguments: [id, Int64(known.head.seq) + 1])
        {
            let body: Data = row["body"]
            try db.execute(sql: "DELETE FROM ahead WHERE id = ?", arguments: [row["id"] as Int64])
            let waiting = try BatchCodec.decode(Array(body))
            guard known.head.decision(on: waiting) == .extends else {
                try writer.note(conflict: waiting, expected: known.head.hash, now: now, in: db)
                report.conflicts += 1
                return
            }
            try insert(waiting, known)
        }
        let head = Int64(writer.sources[source]?.head.seq ?? 0)
        try db.execute(sql: "DELETE FROM ahead WHERE source = ? AND seq <= ?", arguments: [id, head])
        if try Int.fetchOne(db, sql: "SELECT count(*) FROM ahead WHERE source = ?", arguments: [id]) == 0 {
            writer.waitingSources?.remove(source)
        }
    }

    private mutating func take(
        _ stored: [UInt8], _ block: DecodedSealedBlock, _ kind: SourceKind, _ user: String
    ) throws {
        let opened = block.firstSeq == 1 ? block.others.lazy.compactMap { $0.event.opened }.first : nil
        guard let known = try owned(block.source, block.session, kind, user, opened: opened, message: stored) else {
            return
        }
        if block.lastSeq <= known.head.seq {
            report.duplicates += 1
            return
        }
        guard block.firstSeq <= known.head.seq + 1 else {
            report.waiting += 1
            return
        }
        try blocks.flush()
        guard try writer.replaceRows(with: block, stored, source: known.id, head: known.head, in: db) else {
            report.conflicts += 1
            try writer.note(conflict: block, expected: known.head.hash, now: now, in: db)
            return
        }
        report.appended += Int(clamping: block.lastSeq - known.head.seq)
        let times = block.timedEvents
        advance(
            block.source, known, SourceHead(seq: block.lastSeq, hash: block.lastHash),
            end: times.map(\.time.microseconds).max() ?? 0,
            closes: block.others.contains { if case .sourceClosed = $0.event.body { true } else { false } })
        try takeWaiting(of: block.source)
    }

    private mutating func take(_ range: LostRange, _ kind: SourceKind, _ user: String) throws {
        guard let known = try owned(range.source, range.session, kind, user, opened: nil, message: range.source.bytes)
        else { return }
        if range.seqs.upperBound <= known.head.seq {
            report.duplicates += 1
            return
        }
        guard range.seqs.lowerBound <= known.head.seq + 1 else {
            report.waiting += 1
            return
        }
        try db.execute(
            sql: "INSERT INTO lost(source, first, last) VALUES(?, ?, ?)",
            arguments: [Data(range.source.bytes), Int64(known.head.seq) + 1, Int64(range.seqs.upperBound)])
        advance(
            range.source, known, SourceHead(seq: range.seqs.upperBound, hash: range.lastHash), end: .min, closes: false)
        try takeWaiting(of: range.source)
    }

    private mutating func quarantine(_ message: [UInt8], _ reason: String) throws {
        report.quarantined += 1
        quarantined = true
        try writer.quarantine(message, reason: reason, now: now, in: db)
    }
}

extension CheckedBatch {
    /// What its source says of itself, in its first batch.
    fileprivate var opened: SourceOpened? { seq == 1 ? events.first?.opened : nil }

    fileprivate var closes: Bool {
        events.contains { if case .sourceClosed = $0.body { true } else { false } }
    }
}

extension Event {
    fileprivate var opened: SourceOpened? { if case .sourceOpened(let opened) = body { opened } else { nil } }
}
