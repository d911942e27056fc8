import EventSchema
import Foundation
import GRDB

extension ArchiveWriter {
    /// Removes a session for good: its rows are overwritten, and the file gives their room back.
    public func remove(_ session: SessionID) throws(ArchiveError) {
        defer { forgetHeads() }
        do {
            try database.write { db in
                let id = Data(session.bytes)
                for table in ["blocks", "keyframes"] {
                    try db.execute(
                        sql: "DELETE FROM \(table) WHERE source IN (SELECT id FROM sources WHERE session = ?)",
                        arguments: [id])
                }
                for table in ["ahead", "redactions", "lost", "conflicts", "watermarks"] {
                    try db.execute(
                        sql: "DELETE FROM \(table) WHERE source IN (SELECT source FROM sources WHERE session = ?)",
                        arguments: [id])
                }
                try db.execute(sql: "DELETE FROM sources WHERE session = ?", arguments: [id])
                guard db.changesCount > 0 else { throw ArchiveError(.missing, "there is no session \(session.short)") }
            }
            try database.giveRoomBack()
        } catch {
            throw ArchiveError(translating: error, doing: "remove session \(session.short)")
        }
    }

    /// Moves some free room to the end of the file and cuts it off there: so little that whoever appends hardly waits.
    ///
    /// - Returns: whether there is more to give back.
    public func giveSomeRoomBack() throws(ArchiveError) -> Bool {
        do {
            return try database.writeWithoutTransaction { db in
                _ = try Row.fetchAll(db, sql: "PRAGMA incremental_vacuum(8)")
                return try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0 > 0
            }
        } catch {
            throw ArchiveError(translating: error, doing: "shrink the archive")
        }
    }

    /// Empties the write-ahead log if no reader needs it now; another time if one does.
    public func emptyLog() throws(ArchiveError) {
        do {
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA busy_timeout = 20")
                defer { try? db.execute(sql: "PRAGMA busy_timeout = 5000") }
                _ = try Row.fetchAll(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
        } catch {
            throw ArchiveError(translating: error, doing: "shrink the archive")
        }
    }
}

extension DatabaseWriter {
    /// Empties the write-ahead log, then lets the file shrink: nothing that was deleted stays in either.
    func giveRoomBack() throws {
        try writeWithoutTransaction { db in
            _ = try Row.fetchAll(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            _ = try Row.fetchAll(db, sql: "PRAGMA incremental_vacuum")
            _ = try Row.fetchAll(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }
}
