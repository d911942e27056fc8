import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation
import Replay
import Viewer

/// Lists sessions.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List sessions, each with a strip of its activity.",
        discussion: """
            Examples:
              playhead ls
              playhead ls --day yesterday
              playhead ls --json | jq -r .short
            """)

    @OptionGroup var what: WhatOptions
    @OptionGroup var broker: BrokerOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        guard broker.url != nil || FileManager.default.fileExists(atPath: common.settings.home.archive.path) else {
            if !common.json { common.output.message("No session yet.  `playhead rec` records one.") }
            return
        }
        let library = try Library(common.settings, broker: broker.login)
        let sessions = try what.sessions(of: library)
        if common.json {
            for session in sessions { common.output.json(Self.json(session)) }
            return
        }
        let width = terminalWidth()
        // Whose it is goes without saying while there is one person.
        let users = Set(sessions.map(\.user))
        let column = users.count > 1 ? users.map(\.count).max() ?? 0 : 0
        for session in sessions {
            common.output.line(SessionLine(session, width: width, userColumn: column).text)
        }
        if sessions.isEmpty { common.output.message("No session fits.") }
    }

    private func terminalWidth() -> Int {
        WindowSize(of: .standardOutput).map { Int($0.columns) } ?? 100
    }

    static func json(_ session: SessionSummary) -> JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("session", .string("\(session.id)")), ("short", .string(session.id.short)),
            ("title", .string(session.title)),
            ("user", .string(session.user)), ("host", .string(session.host)),
            ("workspace", .string(session.workspacePath)), ("started", .string(session.first.rfc3339)),
            ("last", .string(session.last.rfc3339)), ("open", .bool(session.closed == nil)),
            ("edits", .integer(Int64(session.edits))), ("commands", .integer(Int64(session.commands))),
            ("failed", .integer(Int64(session.failedCommands))), ("files", .integer(Int64(session.files))),
            ("notes", .integer(Int64(session.notes))), ("output_bytes", .integer(Int64(session.outputBytes))),
        ]
        if let closed = session.closed { members.append(("ended", .string(closed.rfc3339))) }
        if !session.tags.isEmpty { members.append(("tags", .array(session.tags.map(JSONValue.string)))) }
        return .object(members)
    }
}

/// One session on one line: id, person, day, times, activity, title, what was done.
struct SessionLine {
    let text: String

    /// - Parameter userColumn: how wide the person's name stands; 0: it is left out.
    init(_ session: SessionSummary, width: Int, userColumn: Int = 0) {
        let start = LocalTime(session.first)
        let end = LocalTime(session.last)
        let times = "\(start.day) \(start.clock)-\(session.closed == nil ? "now  " : end.clock)"
        let strip = Self.strip(session, columns: max(8, min(24, width / 5)))
        var done: [String] = []
        if session.edits > 0 {
            done.append("\(session.edits) edits in \(session.files) file\(session.files == 1 ? "" : "s")")
        }
        if session.commands > 0 {
            let failed = session.failedCommands > 0 ? ", \(session.failedCommands) failed" : ""
            done.append("\(session.commands) command\(session.commands == 1 ? "" : "s")\(failed)")
        }
        if session.edits == 0, session.commands == 0, session.outputBytes > 0 {
            done.append("\(session.outputBytes) bytes of output")
        }
        let name = session.title.isEmpty ? URL(fileURLWithPath: session.workspacePath).lastPathComponent : session.title
        let user = userColumn > 0 ? "  " + TextWidth.padded(Sanitize.line(session.user), to: userColumn) : ""
        let line =
            "\(session.id.short)\(user)  \(times)  \(strip)  \(Sanitize.line(name))  \(done.joined(separator: ", "))"
        text = String(line.prefix(max(40, width)))
    }

    /// Human events over the session's length, each column a stretch of it.
    static func strip(_ session: SessionSummary, columns: Int) -> String {
        let levels = Array(" .:=#")
        let first = session.first.microseconds / 60_000_000
        let span = max(1, session.last.microseconds / 60_000_000 - first + 1)
        var counts = [Int](repeating: 0, count: columns)
        for (minute, events) in session.activity {
            let place = Int(clamping: (minute - first) * Int64(columns) / span)
            counts[min(columns - 1, max(0, place))] += events
        }
        let most = max(1, counts.max() ?? 1)
        return String(counts.map { $0 == 0 ? levels[0] : levels[1 + min(3, $0 * 4 / (most + 1))] })
    }
}
