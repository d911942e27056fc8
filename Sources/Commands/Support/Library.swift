import Archive
import Capture
import EventSchema
import Foundation

/// One's own archive, ready to be read: the index is brought up to date first.
struct Library {
    let settings: Settings
    let reader: ArchiveReader
    let sessions: [SessionSummary]

    init(_ settings: Settings) throws {
        self.settings = settings
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

    /// Every event of a session, in merged order.
    func events(of session: SessionSummary) throws -> [TimedEvent] { try reader.events(of: [session.id]) }

    /// Whose source each event is of.
    func users(of session: SessionSummary) throws -> [SourceID: String] {
        Dictionary(try reader.sources(of: session.id).map { ($0.id, $0.user) }) { first, _ in first }
    }
}
