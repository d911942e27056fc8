import EventSchema
import Foundation
import GRDB

/// Keeps `index.db` behind `archive.db` by arrival number. Not thread-safe: its owner calls it from one queue.
public final class IndexProjector {
    /// Blocks per transaction: the index follows in steps, and can be read between them.
    static let step = 256

    private let home: ArchiveHome
    private let archive: DatabaseQueue
    private let unpacker: ZstdDecompressor
    private(set) var index: DatabaseQueue

    /// Opens or creates the index beside an archive that exists. A damaged index is made anew.
    public init(home: ArchiveHome) throws(ArchiveError) {
        self.home = home
        archive = try ArchiveFile.openForReading(home.archive)
        do { unpacker = try ZstdDecompressor() } catch {
            throw ArchiveError(.failed, "cannot unpack: \(error)", underlying: error)
        }
        do {
            index = try ArchiveFile.open(home.index, migrator: IndexSchema.migrator)
        } catch {
            guard error.code == .damaged else { throw error }
            Self.delete(home.index)
            index = try ArchiveFile.open(home.index, migrator: IndexSchema.migrator)
        }
    }

    /// Projects everything that has arrived. The file is made anew if somebody deleted it meanwhile.
    ///
    /// - Returns: how many blocks were projected.
    @discardableResult
    public func catchUp() throws(ArchiveError) -> Int {
        var (total, wasRemade) = (0, false)
        while true {
            let count = try step(&wasRemade)
            total += count
            if count < Self.step { return total }
        }
    }

    /// Projects one step of what has arrived.
    ///
    /// - Parameter wasRemade: whether the index was made anew since following began; that helps only once.
    /// - Returns: how many blocks were projected; fewer than a step holds if there are no more.
    func step(_ wasRemade: inout Bool) throws(ArchiveError) -> Int {
        if !FileManager.default.fileExists(atPath: home.index.path) { try reopen() }
        do {
            return try projectStep()
        } catch {
            guard error.code == .damaged, !wasRemade else { throw error }
            // Damaged behind our back: everything in it can be had again.
            wasRemade = true
            try reopen()
            return try projectStep()
        }
    }

    /// Deletes the index and fills it again.
    public func rebuild() throws(ArchiveError) {
        try reopen()
        try catchUp()
    }

    /// How many blocks have arrived that the index does not know.
    public func behind() throws(ArchiveError) -> Int {
        do {
            let done = try index.read { try Int64.fetchOne($0, sql: "SELECT arrival FROM progress") ?? 0 }
            return try archive.read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM blocks WHERE arrival > ?", arguments: [done]) ?? 0
            }
        } catch {
            throw ArchiveError(translating: error, doing: "compare index and archive")
        }
    }

    private func reopen() throws(ArchiveError) {
        try? index.close()
        Self.delete(home.index)
        do {
            index = try ArchiveFile.open(home.index, migrator: IndexSchema.migrator)
        } catch {
            // Nothing half made may look like an index: the next look makes it anew.
            Self.delete(home.index)
            throw error
        }
    }

    private static func delete(_ url: URL) {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: url.path + suffix) }
    }

    private struct Block {
        var arrival: Int64
        var source: SourceID
        var session: SessionID
        var user: String
        var body: Data
    }

    private func projectStep() throws(ArchiveError) -> Int {
        do {
            let done = try index.read { try Int64.fetchOne($0, sql: "SELECT arrival FROM progress") ?? 0 }
            let blocks = try archive.read { db in try Self.blocks(after: done, in: db) }
            guard let last = blocks.last else { return 0 }
            try index.write { db in
                var step = IndexStep(db: db, isTeams: home.owner == .team)
                for block in blocks {
                    // A damaged block is for `verify` to tell; the index goes on with the next.
                    guard let body = try? BlockBody(stored: Array(block.body), with: unpacker) else { continue }
                    try step.take(body.timedEvents, of: block.source, in: block.session, user: block.user)
                }
                try step.finish()
                try db.execute(sql: "UPDATE progress SET arrival = ?", arguments: [last.arrival])
            }
            return blocks.count
        } catch {
            throw ArchiveError(translating: error, doing: "follow the archive")
        }
    }

    private static func blocks(after arrival: Int64, in db: Database) throws -> [Block] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT b.arrival, b.body, s.source, s.session, s.user FROM blocks b JOIN sources s ON s.id = b.source
                WHERE b.arrival > ? ORDER BY b.arrival LIMIT \(step)
                """, arguments: [arrival])
        return try rows.map { row in
            let source: Data = row["source"]
            let session: Data = row["session"]
            guard let source = SourceID(bytes: source), let session = SessionID(bytes: session) else {
                throw ArchiveError(.damaged, "a row of the archive names no source")
            }
            return Block(
                arrival: row["arrival"], source: source, session: session, user: row["user"], body: row["body"])
        }
    }
}
