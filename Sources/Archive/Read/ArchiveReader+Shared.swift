import EventSchema
import Foundation
import GRDB

/// Where a session goes, as its events say.
public struct SharedSession: Sendable, Equatable {
    public var session: SessionID
    public var reach: Reach
    /// The broker's address, without credentials.
    public var broker: String
    public var virtualHost: String
    /// Of these sources only what comes after the batch is shared.
    public var floors: [SourceID: UInt64]
}

extension ArchiveReader {
    /// Every session that goes anywhere but here.
    public func sharedSessions() throws(ArchiveError) -> [SharedSession] {
        let index = try ArchiveFile.openForReading(home.index)
        do {
            return try index.read { db in
                let rows = try Row.fetchAll(
                    db, sql: "SELECT id, session, reach, broker, virtual_host FROM sessions WHERE reach IN (?, ?)",
                    arguments: [Reach.team.rawValue, Reach.live.rawValue])
                return try rows.compactMap { row in
                    guard let session = SessionID(bytes: row["session"] as Data) else { return nil }
                    var floors: [SourceID: UInt64] = [:]
                    for floor in try Row.fetchAll(
                        db, sql: "SELECT source, seq FROM floors WHERE session = ?", arguments: [row["id"] as Int64])
                    {
                        let seq: Int64 = floor["seq"]
                        if let source = SourceID(bytes: floor["source"] as Data) {
                            floors[source] = UInt64(max(0, seq))
                        }
                    }
                    let reach: Int = row["reach"]
                    return SharedSession(
                        session: session, reach: Reach(rawValue: reach) ?? .local, broker: row["broker"],
                        virtualHost: row["virtual_host"], floors: floors)
                }
            }
        } catch {
            throw ArchiveError(translating: error, doing: "list what is shared")
        }
    }
}
