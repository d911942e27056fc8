import ArgumentParser
import Capture
import EventSchema
import Foundation
import Replay

/// Withholds everything for a while.
struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Record nothing for a while, in every terminal and editor.",
        discussion: """
            What is typed, shown and edited meanwhile is withheld; that there was a pause is recorded. Without a length it \
            lasts until `playhead unpause`. Ctrl-\\ pauses one recorded terminal alone.

            Examples:
              playhead pause
              playhead pause 15m
            """)

    @Argument(help: "How long: 15m, 1h30m, 90s.")
    var length: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let length, (DurationText.parse(length) ?? .zero) <= .zero {
            throw ValidationError("'\(length)' is no length; 15m and 90s are.")
        }
    }

    func run() throws {
        let span = length.flatMap { DurationText.parse($0) }
        var request: [(key: String, value: JSONValue)] = [("do", "pause")]
        if let span { request.append(("microseconds", .integer(span.wholeMicroseconds))) }
        _ = try AgentClient(common.settings.agent, patience: .seconds(10)).ask(.object(request))
        if common.json { return common.output.json(["paused": true]) }
        let end = span.map { "for \(DurationText.words($0))" } ?? "until you say so"
        common.output.message("[rec] paused \(end): nothing is recorded.  Go on: playhead unpause")
    }
}

/// Ends a pause.
struct UnpauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpause",
        abstract: "Record again after `pause`.",
        discussion: "Example:  playhead unpause")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let answer = try AgentClient(common.settings.agent, patience: .seconds(10)).ask(["do": "unpause"])
        if common.json { return common.output.json(["paused": false]) }
        common.output.message(answer["was"]?.bool == true ? "[rec] recording again" : "[rec] it was not paused")
    }
}
