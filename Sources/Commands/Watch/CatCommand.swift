import Archive
import ArgumentParser
import EventSchema
import Foundation
import Replay

/// Prints the events of sessions.
struct CatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat",
        abstract: "Print the events of sessions in record-time order.",
        discussion: """
            Examples:
              playhead cat last --json | jq -c 'select(.kind == "command_finished")'
              playhead cat last --only commands
              playhead cat 7kq2mx --only 'src/*.py'
            """)

    @OptionGroup var what: WhatOptions

    @Option(help: "Only this lane: edits, output, commands, files, env, notes, or files that fit a pattern.")
    var only: String?

    @OptionGroup var broker: BrokerOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let library = try Library(common.settings, broker: broker.login)
        let sessions = try what.sessionsOrLast(of: library)
        let recording = try RecordingLoader(library).load(sessions)
        let filter = LaneFilter(only, recording: recording)
        let owners = Dictionary(recording.sources.map { ($0.id, $0) }) { first, _ in first }
        var buffer = ""
        for (index, timed) in recording.events.enumerated() where filter.shows(index) {
            guard let owner = owners[timed.address.source] else { continue }
            if common.json {
                buffer += EventJSON.encode(timed, session: owner.session, user: owner.user).encoded
            } else {
                buffer += EventLine(timed).text
            }
            buffer += "\n"
            if buffer.utf8.count > 1 << 16 {
                common.output.result(buffer)
                buffer = ""
            }
        }
        common.output.result(buffer)
    }
}
