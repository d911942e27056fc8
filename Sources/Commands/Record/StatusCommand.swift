import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation

/// Says what is being recorded.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say what is being recorded, and where it goes.",
        discussion: "Example:  playhead status --json")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let settings = common.settings
        let output = common.output
        guard let client = try? AgentClient(settings.agent, starting: false) else {
            if common.json {
                output.json(["recording": false, "home": .string(settings.home.directory.path)])
            } else {
                output.line("Nothing is being recorded.  `playhead rec` records this workspace.")
            }
            return
        }
        let status = try client.ask(["do": "status"])
        if common.json {
            output.json(status)
            return
        }
        let sessions = status["sessions"]?.array ?? []
        if sessions.isEmpty { output.line("Nothing is being recorded.  `playhead rec` records this workspace.") }
        let now = status["clock"]?.integer ?? 0
        for session in sessions {
            let minutes = max(0, now - (session["opened"]?.integer ?? now)) / 60_000_000
            let title = session["title"]?.string.flatMap { $0.isEmpty ? nil : "  \($0)" } ?? ""
            output.line(
                "[rec] \(session["short"]?.string ?? "")\(title)  \(session["workspace"]?.string ?? "")"
                    + "  for \(minutes) min, \(session["sources"]?.integer ?? 0) source(s), "
                    + (session["destination"]?.string.map { $0 == "local" ? "local only" : $0 } ?? "local only"))
        }
        for relay in status["relays"]?.array ?? [] { output.line("      \(relay["text"]?.string ?? "")") }
    }
}
