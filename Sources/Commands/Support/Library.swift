import Archive
import Capture
import Delivery
import EventSchema
import Foundation

/// An archive, ready to be read: one's own, whose index is brought up to date first, or a team's.
struct Library {
    let settings: Settings
    let reader: ArchiveReader
    let sessions: [SessionSummary]
    private let remote: RemoteLibrary?

    /// - Parameter broker: the team's archive to ask; nil: one's own.
    init(_ settings: Settings, broker: BrokerLogin? = nil) throws {
        self.settings = settings
        if let broker {
            let remote = try RemoteLibrary(broker)
            (reader, sessions, self.remote) = (remote.reader, remote.sessions, remote)
            return
        }
        remote = nil
        guard FileManager.default.fileExists(atPath: settings.home.archive.path) else {
            throw CommandFailure(
                .missing, "there is no session yet in \(settings.home.directory.path); `playhead rec` records one")
        }
        do {
            _ = try AgentClient(settings.agent, patience: .seconds(30)).ask(["do": "project"])
        } catch {
            // What is indexed can be read without an agent.
            guard FileManager.default.fileExists(atPath: settings.home.index.path) else { throw error }
            Output.error("playhead: \(error.message); the newest may be missing")
        }
        reader = try ArchiveReader(home: settings.home)
        sessions = try reader.sessions()
    }

    private var selector: SessionSelector {
        let workspace = WorkspaceRoot.find(of: settings.workingDirectory, start: settings.workingDirectory)
        return SessionSelector(sessions: sessions, settings: settings, workspace: Array(workspace.utf8))
    }

    func find(_ text: String) throws -> SessionSummary { try selector.find(text) }

    /// Sees to it that `reader` has all of these sessions.
    func need(_ sessions: [SessionSummary]) throws { try remote?.need(sessions.map(\.id)) }

    /// Every event of a session, in merged order.
    func events(of session: SessionSummary) throws -> [TimedEvent] {
        try need([session])
        return try reader.events(of: [session.id])
    }

    /// Whose source each event is of.
    func users(of session: SessionSummary) throws -> [SourceID: String] {
        try need([session])
        return Dictionary(try reader.sources(of: session.id).map { ($0.id, $0.user) }) { first, _ in first }
    }
}
