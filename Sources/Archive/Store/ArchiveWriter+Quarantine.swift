import EventSchema
import Foundation
import GRDB

extension ArchiveWriter {
    /// Only the beginning of a bad message is kept, and only the newest of them.
    static let quarantineBytes = 4096
    static let quarantineRows = 1000

    /// Keeps a message that is no batch, with the reason, for a person to look at.
    public func quarantine(_ message: [UInt8], reason: String, now: RecordTime) throws(ArchiveError) {
        do {
            try database.write { db in
                try quarantine(message, reason: reason, now: now, in: db)
                try trimQuarantine(in: db)
            }
        } catch {
            throw ArchiveError(translating: error, doing: "quarantine a message")
        }
    }

    func quarantine(_ message: [UInt8], reason: String, now: RecordTime, in db: Database) throws {
        try db.cachedStatement(sql: "INSERT INTO quarantine(arrived_us, reason, size, body) VALUES(?, ?, ?, ?)")
            .execute(arguments: [
                now.microseconds, String(reason.prefix(1000)), message.count,
                Data(message.prefix(Self.quarantineBytes)),
            ])
    }

    func trimQuarantine(in db: Database) throws {
        try db.execute(
            sql: "DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - ?",
            arguments: [Self.quarantineRows])
    }
}
