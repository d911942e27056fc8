import EventSchema
import Foundation
import GRDB

/// A moment in which a text occurs.
public struct SearchFinding: Sendable, Equatable {
    public var session: SessionID
    public var user: String
    public var time: RecordTime
    /// `command`, `note`, `file` or `title`.
    public var kind: String
    public var text: String

    public init(session: SessionID, user: String, time: RecordTime, kind: String, text: String) {
        self.session = session
        self.user = user
        self.time = time
        self.kind = kind
        self.text = text
    }
}

extension ArchiveReader {
    /// Moments whose command, note, file name or session title holds `text`, newest first.
    ///
    /// - Parameter most: the most findings of each kind.
    public func search(_ text: String, most: Int) throws(ArchiveError) -> [SearchFinding] {
        let index = try ArchiveFile.openForReading(home.index)
        let pattern =
            "%" + text.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_") + "%"
        do {
            return try index.read { db in
                let rows = try Row.fetchAll(
                    db,
                    sql: """
                        SELECT * FROM (SELECT s.session, s.user, c.time_us time, 'command' kind, CAST(c.text AS TEXT) text
                            FROM commands c JOIN sources o ON o.id = c.source JOIN sessions s ON s.id = o.session
                            WHERE CAST(c.text AS TEXT) LIKE :pattern ESCAPE '\\' ORDER BY time DESC LIMIT :most)
                        UNION ALL SELECT * FROM (SELECT s.session, s.user, n.time_us time, 'note', n.text
                            FROM notes n JOIN sessions s ON s.id = n.session
                            WHERE n.text LIKE :pattern ESCAPE '\\' ORDER BY time DESC LIMIT :most)
                        UNION ALL SELECT * FROM (SELECT s.session, s.user, d.first_us time, 'file', CAST(d.path AS TEXT)
                            FROM documents d JOIN sources o ON o.id = d.source JOIN sessions s ON s.id = o.session
                            WHERE d.private = 0 AND CAST(d.path AS TEXT) LIKE :pattern ESCAPE '\\' ORDER BY time DESC
                            LIMIT :most)
                        UNION ALL SELECT * FROM (SELECT session, user, first_us time, 'title', title
                            FROM sessions WHERE title LIKE :pattern ESCAPE '\\' ORDER BY time DESC LIMIT :most)
                        ORDER BY time DESC
                        """, arguments: ["pattern": pattern, "most": most])
                return rows.compactMap { row in
                    guard let session = SessionID(bytes: row["session"] as Data) else { return nil }
                    let time: Int64 = row["time"]
                    return SearchFinding(
                        session: session, user: row["user"], time: RecordTime(microseconds: time), kind: row["kind"],
                        text: row["text"])
                }
            }
        } catch {
            throw ArchiveError(translating: error, doing: "search")
        }
    }
}
