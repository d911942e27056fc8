import EventSchema
import Foundation
import GRDB

/// One transaction of the index: blocks of many sources in order of arrival. What it looks up and counts it keeps until
/// the end, for in live work hundreds of blocks hold one event each, of a few sources.
struct IndexStep {
    let db: Database
    let isTeams: Bool

    private struct Session {
        var id: Int64
        /// The oldest time it was given.
        var first: Int64
    }

    private struct Source {
        /// The newest batch the index has.
        var head: Int64
        var projection: BlockProjection
    }

    private var sessions: [SessionID: Session] = [:]
    private var sources: [SourceID: Source] = [:]

    init(db: Database, isTeams: Bool) {
        self.db = db
        self.isTeams = isTeams
    }

    /// Takes the events of a block.
    mutating func take(_ events: [TimedEvent], of id: SourceID, in session: SessionID, user: String) throws {
        guard let first = events.first?.time.microseconds, let last = events.last else { return }
        let row = try row(of: session, user: user, first: first, last: last.time.microseconds)
        var source = try source(id, session: row, user: user, last: last.time.microseconds)
        // A block that was sealed after it was projected arrives again; nothing of it is new.
        for event in events where Int64(clamping: event.address.seq) > source.head {
            try source.projection.project(event)
        }
        source.head = max(source.head, Int64(clamping: last.address.seq))
        sources[id] = source
    }

    /// Writes what was counted.
    func finish() throws {
        let update = try db.cachedStatement(sql: "UPDATE sessions SET first_us = min(first_us, ?) WHERE id = ?")
        for session in sessions.values { try update.execute(arguments: [session.first, session.id]) }
        for source in sources.values { try source.projection.flush() }
    }

    private mutating func row(of session: SessionID, user: String, first: Int64, last: Int64) throws -> Int64 {
        if var known = sessions[session] {
            if first < known.first {
                known.first = first
                sessions[session] = known
            }
            return known.id
        }
        let name = Data(session.bytes)
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO sessions(session, user, first_us, last_us) VALUES(?, ?, ?, ?)"
        ).execute(arguments: [name, user, first, last])
        let select = try db.cachedStatement(sql: "SELECT id FROM sessions WHERE session = ?")
        guard let id = try Int64.fetchOne(select, arguments: [name]) else {
            throw ArchiveError(.damaged, "the index does not hold session \(session.short)")
        }
        sessions[session] = Session(id: id, first: first)
        return id
    }

    private mutating func source(_ id: SourceID, session: Int64, user: String, last: Int64) throws -> Source {
        // Taken out, so that it is changed in place.
        if let known = sources.removeValue(forKey: id) { return known }
        let name = Data(id.bytes)
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO sources(source, session, user, end_us) VALUES(?, ?, ?, ?)")
            .execute(arguments: [name, session, user, last])
        let select = try db.cachedStatement(sql: "SELECT id, head FROM sources WHERE source = ?")
        guard let row = try Row.fetchOne(select, arguments: [name]) else {
            throw ArchiveError(.damaged, "the index does not hold source \(id)")
        }
        return Source(
            head: row["head"],
            projection: BlockProjection(db: db, session: session, source: row["id"], user: user, isTeams: isTeams))
    }
}
