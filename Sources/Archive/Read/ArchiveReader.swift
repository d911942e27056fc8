import EventSchema
import Foundation
import GRDB
import Synchronization

/// Reads an archive beside its writer: the truth from `archive.db`, lists from `index.db`.
public final class ArchiveReader: Sendable {
    let archive: DatabaseQueue
    let home: ArchiveHome
    /// What seeks leave for each other.
    let cache = Mutex(SeekCache())

    /// - Throws: `ArchiveError(.unreachable)` if there is no archive yet.
    public init(home: ArchiveHome) throws(ArchiveError) {
        self.home = home
        archive = try ArchiveFile.openForReading(home.archive)
    }

    /// Every session, oldest first.
    public func sessions() throws(ArchiveError) -> [SessionSummary] {
        let index = try ArchiveFile.openForReading(home.index)
        do {
            return try index.read { db in
                var activity: [Int64: [(minute: Int64, events: Int)]] = [:]
                let minutes = try Row.fetchCursor(
                    db, sql: "SELECT session, minute, human FROM activity ORDER BY session, minute")
                while let row = try minutes.next() {
                    activity[row["session"], default: []].append((row["minute"], row["human"]))
                }
                let rows = try Row.fetchAll(
                    db,
                    sql: """
                        SELECT s.*,
                            (SELECT count(*) FROM commands c JOIN sources o ON o.id = c.source WHERE o.session = s.id) commands,
                            (SELECT count(*) FROM commands c JOIN sources o ON o.id = c.source
                             WHERE o.session = s.id AND c.status <> 0) failed,
                            (SELECT count(*) FROM notes n WHERE n.session = s.id) notes,
                            (SELECT count(DISTINCT d.path) FROM documents d JOIN sources o ON o.id = d.source
                             WHERE o.session = s.id) files
                        FROM sessions s ORDER BY first_us
                        """)
                return rows.compactMap { Self.summary($0, activity: activity) }
            }
        } catch {
            throw ArchiveError(translating: error, doing: "list the sessions")
        }
    }

    private static func summary(_ row: Row, activity: [Int64: [(minute: Int64, events: Int)]]) -> SessionSummary? {
        let id: Data = row["session"]
        guard let id = SessionID(bytes: id) else { return nil }
        let tags: String = row["tags"]
        let workspace: Data? = row["workspace"]
        let closed: Int64? = row["closed_us"]
        let reach: Int = row["reach"]
        return SessionSummary(
            id: id, title: row["title"], tags: tags.split(separator: " ").map(String.init),
            workspace: Array(workspace ?? Data()),
            user: row["user"], host: row["host"], reach: Reach(rawValue: reach) ?? .local,
            first: RecordTime(microseconds: row["first_us"]), last: RecordTime(microseconds: row["last_us"]),
            closed: closed.map(RecordTime.init(microseconds:)), edits: row["edits"], outputBytes: row["output_bytes"],
            commands: row["commands"], failedCommands: row["failed"], notes: row["notes"], files: row["files"],
            activity: activity[row["id"]] ?? [])
    }

    /// The sources of a session, or of all.
    public func sources(of session: SessionID? = nil) throws(ArchiveError) -> [SourceSummary] {
        do {
            return try archive.read { db in
                let filter = session == nil ? "" : "WHERE session = ?"
                let rows = try Row.fetchAll(
                    db, sql: "SELECT * FROM sources \(filter) ORDER BY id",
                    arguments: session.map { [Data($0.bytes)] } ?? [])
                return try rows.map(Self.source)
            }
        } catch {
            throw ArchiveError(translating: error, doing: "list the sources")
        }
    }

    static func source(_ row: Row) throws -> SourceSummary {
        let source: Data = row["source"]
        let session: Data = row["session"]
        let hash: Data = row["head_hash"]
        guard let source = SourceID(bytes: source), let session = SessionID(bytes: session) else {
            throw ArchiveError(.damaged, "a row of the archive names no source")
        }
        let kind: Int = row["kind"]
        let head: Int64 = row["head"]
        return SourceSummary(
            id: source, session: session, user: row["user"], kind: SourceKind(rawValue: kind) ?? .unspecified,
            head: SourceHead(seq: UInt64(max(0, head)), hash: ContentHash(bytes: hash)),
            end: RecordTime(microseconds: row["end_us"]), isClosed: row["closed"],
            arrived: RecordTime(microseconds: row["arrived_us"]))
    }

    /// The events of one source from (`seq`, `index`) on, with effective times.
    public func events(of source: SourceID, from seq: UInt64 = 1, index: Int = 0) throws(ArchiveError) -> [TimedEvent] {
        do {
            let bodies = try archive.read { db in
                try Data.fetchAll(
                    db,
                    sql: """
                        SELECT b.body FROM blocks b JOIN sources s ON s.id = b.source
                        WHERE s.source = ?1 AND b.first >= \(BlockSearch.firstRow(with: "?2", of: "s.id"))
                        AND b.last >= ?2 ORDER BY b.first
                        """, arguments: [Data(source.bytes), Int64(clamping: seq)])
            }
            var events: [TimedEvent] = []
            for body in bodies { events += try StoredBlock.events(in: body) }
            events.removeAll { ($0.address.seq, $0.address.index) < (seq, index) }
            return Self.effective(events)
        } catch {
            throw ArchiveError(translating: error, doing: "read source \(source)")
        }
    }

    /// Every event of the sessions in merged order: effective time, user, source, seq, index.
    public func events(of sessions: [SessionID]) throws(ArchiveError) -> [TimedEvent] {
        var streams: [(user: String, events: [TimedEvent])] = []
        for session in sessions {
            for source in try sources(of: session) {
                streams.append((source.user, try events(of: source.id)))
            }
        }
        return MergedOrder.merge(streams)
    }

    /// Record time that never goes back inside the source.
    private static func effective(_ events: [TimedEvent]) -> [TimedEvent] {
        var newest = RecordTime.distantPast
        return events.map { timed in
            var timed = timed
            newest = max(newest, timed.time)
            timed.time = newest
            return timed
        }
    }
}
