import Archive
import Delivery
import EventSchema
import Foundation
import Synchronization

/// A team's archive over its broker: the catalogue, and copies of the sessions that are looked at, in a directory that
/// is gone when this is.
final class RemoteLibrary: Sendable {
    let sessions: [SessionSummary]
    let reader: ArchiveReader
    private let login: BrokerLogin
    private let entries: [SessionID: CatalogueSession]
    private let home: ArchiveHome
    private let directory: PrivateDirectory
    private let fetched = Mutex<Set<SessionID>>([])

    init(_ login: BrokerLogin) throws {
        self.login = login
        directory = try PrivateDirectory()
        home = ArchiveHome(URL(fileURLWithPath: directory.path), of: .team)
        let catalogue = try blocking {
            let client = try await ArchiveClient(login)
            let sessions = try await client.sessions()
            await client.close()
            return sessions
        }
        var entries: [SessionID: CatalogueSession] = [:]
        for entry in catalogue { if let id = SessionID(bytes: entry.session) { entries[id] = entry } }
        self.entries = entries
        sessions = catalogue.compactMap { SessionSummary($0) }
        _ = try ArchiveWriter(home: home)
        reader = try ArchiveReader(home: home)
    }

    deinit { directory.remove() }

    /// Copies what is not there yet of these sessions.
    func need(_ sessions: [SessionID]) throws {
        let wanted = fetched.withLock { fetched in sessions.filter { fetched.insert($0).inserted } }
            .compactMap { entries[$0] }
        guard !wanted.isEmpty else { return }
        try blocking { [login, home] in
            let writer = try ArchiveWriter(home: home)
            let client = try await ArchiveClient(login)
            for session in wanted { try await client.fetch(session, into: writer) }
            await client.close()
        }
    }
}
