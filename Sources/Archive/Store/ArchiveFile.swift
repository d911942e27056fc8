import EventSchema
import Foundation
import GRDB

/// An opened `archive.db`: one connection, confined to the caller's queue.
enum ArchiveFile {
    /// Opens or creates the archive for writing. One process may do so at a time; the agent's lock sees to it.
    static func openForWriting(_ home: ArchiveHome) throws(ArchiveError) -> DatabaseQueue {
        try home.create()
        return try open(home.archive, migrator: ArchiveSchema.migrator, isTeam: home.owner == .team)
    }

    /// Opens the index for writing; a damaged one is the caller's to delete.
    static func open(_ url: URL, migrator: DatabaseMigrator, isTeam: Bool = false) throws(ArchiveError) -> DatabaseQueue
    {
        do {
            let isNew = !FileManager.default.fileExists(atPath: url.path)
            if isNew {
                // Created here so that it never exists with wider rights.
                guard
                    FileManager.default.createFile(
                        atPath: url.path, contents: nil, attributes: [.posixPermissions: 0o600])
                else { throw ArchiveError(.unreachable, "cannot create \(url.path)") }
            }
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.prepareDatabase { db in
                if isNew {
                    // Both must come before the first table: small rows, and room that is given back.
                    try db.execute(sql: "PRAGMA page_size = \(isTeam ? 4096 : 1024)")
                    try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
                }
                try db.execute(sql: "PRAGMA journal_mode = WAL")
                try db.execute(sql: "PRAGMA secure_delete = ON")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
            }
            let queue = try DatabaseQueue(path: url.path, configuration: configuration)
            try migrator.migrate(queue)
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = \(isTeam ? "FULL" : "NORMAL")")
            }
            return queue
        } catch let error as ArchiveError {
            throw error
        } catch {
            throw ArchiveError(translating: error, doing: "open \(url.path)")
        }
    }

    /// Opens a file for reading beside its writer.
    static func openForReading(_ url: URL) throws(ArchiveError) -> DatabaseQueue {
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw ArchiveError(.unreachable, "there is no archive at \(url.path)")
        }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            return try DatabaseQueue(path: url.path, configuration: configuration)
        } catch {
            throw ArchiveError(translating: error, doing: "open \(url.path)")
        }
    }
}

extension ArchiveError {
    /// The archive's own words for what SQLite said.
    init(translating error: any Error, doing what: String) {
        if let known = error as? ArchiveError {
            self = known
            return
        }
        guard let database = error as? DatabaseError else {
            self.init(.failed, "cannot \(what): \(error)", underlying: error)
            return
        }
        let said = database.message ?? database.resultCode.description
        switch database.resultCode {
        case .SQLITE_FULL:
            self.init(.full, "cannot \(what): the disk is full", underlying: error)
        case .SQLITE_IOERR:
            self.init(.full, "cannot \(what): the disk does not take it (\(said))", underlying: error)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(.damaged, "cannot \(what): the file is damaged (\(said))", underlying: error)
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH:
            self.init(.unreachable, "cannot \(what): \(said)", underlying: error)
        default:
            self.init(.failed, "cannot \(what): \(said)", underlying: error)
        }
    }
}
