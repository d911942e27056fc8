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
        let client = try? AgentClient(settings.agent, starting: false)
        let here = try Here(settings, client)
        guard let client else {
            if common.json {
                output.json([
                    "recording": false, "home": .string(settings.home.directory.path), "here": here.json,
                ])
            } else {
                output.line("Nothing is being recorded.")
                output.line(here.text)
            }
            return
        }
        let status = try client.ask(["do": "status"])
        if common.json {
            guard case .object(let members) = status else { return output.json(status) }
            return output.json(.object(members + [(key: "here", value: here.json)]))
        }
        if status["paused"]?.bool == true {
            let end = status["paused_until"]?.integer.map { LocalTime(RecordTime(microseconds: $0)).clock }
            output.line("Paused\(end.map { " until \($0)" } ?? ""): nothing is recorded.  `playhead unpause` goes on.")
        }
        let sessions = status["sessions"]?.array ?? []
        if sessions.isEmpty { output.line("Nothing is being recorded.") }
        let now = status["clock"]?.integer ?? 0
        for session in sessions {
            let minutes = max(0, now - (session["opened"]?.integer ?? now)) / 60_000_000
            let title = session["title"]?.string.flatMap { $0.isEmpty ? nil : "  \($0)" } ?? ""
            output.line(
                "[rec] \(session["short"]?.string ?? "")\(title)  \(session["workspace"]?.string ?? "")"
                    + "  for \(minutes) min, \(session["sources"]?.integer ?? 0) source(s), "
                    + (session["destination"]?.string.map { $0 == "local" ? "local only" : $0 } ?? "local only"))
        }
        for relay in status["relays"]?.array ?? [] {
            output.line("      \(relay["text"]?.string ?? "")")
            let viewers = (relay["viewers"]?.array ?? []).compactMap(\.string)
            if !viewers.isEmpty { output.line("      \(viewers.count) watching: \(viewers.joined(separator: ", "))") }
        }
        output.line(here.text)
    }

    /// Whether a file opened here would be recorded, and why.
    private struct Here {
        let json: JSONValue
        let text: String

        init(_ settings: Settings, _ client: AgentClient?) throws {
            let directory = WorkspaceRoot.realPath(settings.workingDirectory)
            let workspace = WorkspaceRoot.find(of: directory, start: directory)
            let session = try? client?.ask(["do": "find", "path": .string(directory)])
            let short = session?["short"]?.string
            var always: String?
            var mistake: String?
            do throws(ConfigError) {
                always = try RecordedWorkspaces(file: settings.configuration).enclosing(directory)
            } catch {
                mistake = "\(settings.configuration), \(error)"
            }
            let name = settings.shown(workspace)
            let why: String
            if let short {
                why = "Here: recorded by session \(short)."
            } else if let always {
                why = "Here: \(settings.shown(always)) is on; a session begins when an editor opens a file."
            } else if let mistake {
                why = "Here: not recorded, no session is open in \(name), and what is on cannot be read: \(mistake)."
            } else {
                why = "Here: not recorded, no session is open in \(name) and it is not on."
            }
            let next = short == nil && always == nil ? "  `playhead rec` or `playhead on` records it." : ""
            text = why + next
            json = [
                "workspace": .string(workspace), "session": short.map(JSONValue.string) ?? .null,
                "on": .bool(always != nil), "why": .string(why),
            ]
        }
    }
}
