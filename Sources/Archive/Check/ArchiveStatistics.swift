import EventSchema
import Foundation
import GRDB

/// How large an archive is, and what the room goes to.
public struct ArchiveStatistics: Sendable {
    public var archiveBytes: Int
    public var indexBytes: Int
    public var sessions: Int
    public var sources: Int
    public var batches: Int
    public var liveRows: Int
    public var sealedRows: Int
    public var liveBytes: Int
    public var sealedBytes: Int
    public var keyframes: Int
    public var keyframeBytes: Int
    public var edits: Int
    public var ahead: Int
    public var conflicts: Int
    public var quarantined: Int
    /// Blocks that the index does not have yet.
    public var indexBehind: Int

    /// - Throws: `ArchiveError` if the archive cannot be read.
    public init(of reader: ArchiveReader, home: ArchiveHome) throws(ArchiveError) {
        let index = try ArchiveFile.openForReading(home.index)
        archiveBytes = Self.size(home.archive)
        indexBytes = Self.size(home.index)
        do {
            let row = try reader.archive.read { db in
                try Row.fetchOne(
                    db,
                    sql: """
                        SELECT (SELECT count(DISTINCT session) FROM sources) sessions, (SELECT count(*) FROM sources) sources,
                            (SELECT coalesce(sum(head), 0) FROM sources) batches,
                            (SELECT count(*) FROM blocks WHERE substr(body, 1, 1) = x'00') live,
                            (SELECT count(*) FROM blocks WHERE substr(body, 1, 1) <> x'00') sealed,
                            (SELECT coalesce(sum(length(body)), 0) FROM blocks WHERE substr(body, 1, 1) = x'00') live_bytes,
                            (SELECT coalesce(sum(length(body)), 0) FROM blocks WHERE substr(body, 1, 1) <> x'00') sealed_bytes,
                            (SELECT count(*) FROM keyframes) keyframes,
                            (SELECT coalesce(sum(length(body)), 0) FROM keyframes) keyframe_bytes,
                            (SELECT count(*) FROM ahead) ahead, (SELECT count(*) FROM conflicts) conflicts,
                            (SELECT count(*) FROM quarantine) quarantined
                        """)
            }
            guard let row else { throw ArchiveError(.failed, "the archive gives no figures") }
            sessions = row["sessions"]
            sources = row["sources"]
            batches = row["batches"]
            liveRows = row["live"]
            sealedRows = row["sealed"]
            liveBytes = row["live_bytes"]
            sealedBytes = row["sealed_bytes"]
            keyframes = row["keyframes"]
            keyframeBytes = row["keyframe_bytes"]
            ahead = row["ahead"]
            conflicts = row["conflicts"]
            quarantined = row["quarantined"]
            let known = try index.read { db in
                (
                    try Int64.fetchOne(db, sql: "SELECT arrival FROM progress") ?? 0,
                    try Int.fetchOne(db, sql: "SELECT coalesce(sum(edits), 0) FROM sessions") ?? 0
                )
            }
            edits = known.1
            indexBehind = try reader.archive.read { db in
                try Int.fetchOne(db, sql: "SELECT count(*) FROM blocks WHERE arrival > ?", arguments: [known.0]) ?? 0
            }
        } catch {
            throw ArchiveError(translating: error, doing: "count what is stored")
        }
    }

    /// The file with its write-ahead log.
    private static func size(_ url: URL) -> Int {
        ["", "-wal"].reduce(0) { total, suffix in
            let attributes = try? FileManager.default.attributesOfItem(atPath: url.path + suffix)
            return total + ((attributes?[.size] as? NSNumber)?.intValue ?? 0)
        }
    }
}
