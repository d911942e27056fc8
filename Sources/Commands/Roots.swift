import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation

/// The version of this source tree.
public let playheadVersion = "0.1.0"

private let recording: [any ParsableCommand.Type] = [
    RecordCommand.self, OnCommand.self, OffCommand.self, PauseCommand.self, UnpauseCommand.self,
    ShareCommand.self, UnshareCommand.self, PublishCommand.self, NoteCommand.self, StatusCommand.self,
    InitCommand.self,
]
private let keeping: [any ParsableCommand.Type] = [
    ImportCommand.self, ExportCommand.self, SealCommand.self, VerifyCommand.self, RebuildCommand.self,
    StatsCommand.self, RemoveCommand.self, EditCommand.self, ServeCommand.self, BrokerCommand.self, TeamCommand.self,
]
private let watching: [any ParsableCommand.Type] = [
    PlayCommand.self, FollowCommand.self, RecapCommand.self, ListCommand.self, CatCommand.self, SearchCommand.self,
    CheckoutCommand.self,
]
private let helpers: [any ParsableCommand.Type] = [AgentCommand.self, EditorCommand.self]

/// Every verb in one program.
struct PlayheadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "playhead",
        abstract: "Record coding sessions, keep them, replay them with the idle time removed.",
        discussion: """
              playhead rec          record this workspace: a shell, and editors
              playhead play last    watch the last session, pauses cut
              playhead recap        where was I?
            """,
        version: playheadVersion,
        subcommands: [ManualCommand.self],
        groupedSubcommands: [
            CommandGroup(name: "Record", subcommands: recording),
            CommandGroup(name: "Keep", subcommands: keeping),
            CommandGroup(name: "Watch", subcommands: watching),
            CommandGroup(name: "Helpers", subcommands: helpers),
        ])

    /// Three lines: what is being recorded, the last session here, what to type.
    func run() throws {
        let settings = Settings()
        let output = Output()
        let status = (try? AgentClient(settings.agent, starting: false, patience: .seconds(2)))
            .flatMap { try? $0.ask(["do": "status"]) }
        let open = status?["sessions"]?.array ?? []
        let names = open.map { "\($0["short"]?.string ?? "") \($0["workspace"]?.string ?? "")" }
        output.line(names.isEmpty ? "Nothing is being recorded." : "[rec] \(names.joined(separator: ", "))")
        let hasArchive = FileManager.default.fileExists(atPath: settings.home.archive.path)
        if hasArchive, let library = try? Library(settings), let last = try? library.find("last") {
            output.line("Last:  \(SessionLine(last, width: 100).text)")
            output.line("Type:  playhead recap, playhead play last, playhead rec, playhead --help")
        } else {
            output.line("No session yet.")
            output.line("Type:  playhead rec, playhead --help")
        }
    }
}

/// Records and shares.
struct PublisherCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publisher", abstract: "The recording verbs of playhead.", version: playheadVersion,
        subcommands: recording + helpers)
}

/// Keeps.
struct ArchiverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archiver", abstract: "The keeping verbs of playhead.", version: playheadVersion,
        subcommands: keeping)
}

/// Shows.
struct SubscriberCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscriber", abstract: "The watching verbs of playhead.", version: playheadVersion,
        subcommands: watching)
}
