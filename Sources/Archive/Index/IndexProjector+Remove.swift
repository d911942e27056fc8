import EventSchema
import Foundation
import GRDB

extension IndexProjector {
    /// Takes a session out of the index, without a trace in the file.
    public func remove(_ session: SessionID) throws(ArchiveError) {
        do {
            try index.write { db in
                let row = try Int64.fetchOne(
                    db, sql: "SELECT id FROM sessions WHERE session = ?", arguments: [Data(session.bytes)])
                guard let row else { return }
                let sources = "(SELECT id FROM sources WHERE session = \(row))"
                try db.execute(
                    sql: """
                        DELETE FROM saves WHERE document IN (SELECT id FROM documents WHERE source IN \(sources));
                        DELETE FROM documents WHERE source IN \(sources);
                        DELETE FROM commands WHERE source IN \(sources);
                        DELETE FROM environments WHERE source IN \(sources);
                        DELETE FROM notes WHERE session = \(row);
                        DELETE FROM activity WHERE session = \(row);
                        DELETE FROM floors WHERE session = \(row);
                        DELETE FROM sources WHERE session = \(row);
                        DELETE FROM sessions WHERE id = \(row);
                        """)
            }
            try index.giveRoomBack()
        } catch {
            throw ArchiveError(translating: error, doing: "take session \(session.short) out of the index")
        }
    }
}
