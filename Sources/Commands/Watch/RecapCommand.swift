import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation
import Model
import Replay
import Viewer

/// Where was I?
struct RecapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recap",
        abstract: "Where was I: the cursor with the last edits, the last failing command, files by effort, notes.",
        discussion: """
            Without a session: the last one of this workspace.

            Examples:
              playhead recap
              playhead recap 7kq2mx --all
              playhead recap --day yesterday
            """)

    @OptionGroup var what: WhatOptions

    @Flag(help: "All of it, however long.")
    var all = false

    @OptionGroup var broker: BrokerOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let library = try Library(common.settings, broker: broker.login)
        let sessions = try what.sessionsOrLast(of: library)
        guard !sessions.isEmpty else { throw CommandFailure(.missing, "no session fits") }
        let recording = try RecordingLoader(library).load(sessions)
        let activity = Activity(of: recording)
        let facts = RecapFacts(of: recording, activity: activity, scenes: Scenes(of: recording, activity: activity))
        if common.json {
            common.output.json(json(facts, sessions))
            return
        }
        let onTerminal = Descriptor.standardOutput.isTerminal
        let rows = all ? nil : min(30, WindowSize(of: .standardOutput).map { Int($0.rows) } ?? 30)
        let now = RecordTime(microseconds: Machine.wallMicroseconds)
        let card = RecapCard(of: recording, facts: facts, now: now, rows: rows ?? .max)
        common.output.result(card.rendered(inColour: onTerminal && common.settings.environment["NO_COLOR"] == nil))
    }

    private func json(_ facts: RecapFacts, _ sessions: [SessionSummary]) -> JSONValue {
        func text(_ bytes: [UInt8]) -> JSONValue { .string(String(decoding: bytes, as: UTF8.self)) }
        var members: [(key: String, value: JSONValue)] = [
            ("sessions", .array(sessions.map { .string("\($0.id)") })),
            ("last", .string((sessions.map(\.last).max() ?? .epoch).rfc3339)),
        ]
        if let here = facts.here {
            members.append(
                (
                    "here",
                    [
                        "file": text(here.document.path), "line": .integer(Int64(here.line)),
                        "time": .string(here.time.rfc3339),
                    ]
                ))
        }
        members.append(
            ("files", .array(facts.files.map { ["file": text($0.path), "edits": .integer(Int64($0.edits))] })))
        members.append(
            (
                "commands",
                .array(
                    facts.commands.map { command in
                        [
                            "text": text(command.text), "runs": .integer(Int64(command.runs)),
                            "passed": .integer(Int64(command.passed)),
                            "status": command.lastStatus.map { .integer(Int64($0)) } ?? .null,
                            "time": .string(command.lastTime.rfc3339),
                        ]
                    })
            ))
        members.append(
            (
                "notes",
                .array(
                    facts.notes.map { note in
                        [
                            "text": .string(note.text), "time": .string(note.time.rfc3339), "next": .bool(note.isNext),
                            "todo": .bool(note.isTodo),
                        ]
                    })
            ))
        return .object(members)
    }
}
