import ArgumentParser
import Capture
import Delivery
import EventSchema
import Foundation
import Replay
import Viewer

/// Follows people while they work.
struct FollowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow",
        abstract: "Follow teammates live: their editor and shell as they work.",
        discussion: """
            On a terminal: the file and the shell they are in. Left goes back in time, l comes back to what happens now, \
            ? shows all keys. Without a terminal, or with --plain: lines of text; with --json one event a line.

            Examples:
              playhead follow @alice
              playhead follow @alice @bob                   both on one timeline
              playhead follow 7kq2mx --from start --fit 2m  what there was, then live
              playhead follow @alice --into mirror          her files here, as she types
            """)

    @Argument(help: "People (@NAME) or sessions that are live; all you may follow if none is given.")
    var whom: [String] = []

    @Option(help: ArgumentHelp("Begin at this moment, and play on until now.", valueName: "live|start|live-10m|T"))
    var from = "live"

    @Option(help: ArgumentHelp("Play what there was before in this length: 2m, 90s.", valueName: "D"))
    var fit: String?

    @Option(help: ArgumentHelp("Keep their files in this directory, as they type.", valueName: "DIR"))
    var into: String?

    @Flag(help: "With --into: write files when they are saved, not as they are typed.")
    var saved = false

    @Flag(help: "Lines of text, also on a terminal.")
    var plain = false

    @Flag(help: ArgumentHelp("Lines of JSON for an editor's plug-in: docs/EDITOR-FOLLOW.md.", visibility: .hidden))
    var editor = false

    @Option(
        help: ArgumentHelp(
            "The broker; PLAYHEAD_BROKER if not given.", valueName: "amqp://NAME:PASSWORD@HOST/VHOST"))
    var broker: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let fit, DurationText.parse(fit) == nil { throw ValidationError("'\(fit)' is no length; 5m and 90s are.") }
        if from != "live", MomentParser.parse(from) == nil {
            throw ValidationError("'\(from)' is no moment; live, start, live-10m, +42s and 14:05 are.")
        }
        if saved, into == nil { throw ValidationError("--saved says when --into DIR is written.") }
    }

    func run() throws {
        guard let url = broker ?? common.settings.broker else {
            throw CommandFailure(
                .usage, "which broker? --broker amqp://NAME:PASSWORD@HOST/VHOST, or PLAYHEAD_BROKER in the environment")
        }
        let login = try BrokerLogin(url)
        let targets = try FollowTargets(login: login, settings: common.settings).find(whom)
        let line = try FollowLine(targets, as: login)
        line.start()
        let outcome = Result { try show(line) }
        try line.stop()
        let isInterrupted = try outcome.get()
        if let refusal = line.refusal { throw CommandFailure(following: refusal, at: login.place) }
        if isInterrupted { throw CommandFailure.exit(CommandFailure.Status.interrupted.rawValue) }
    }

    /// Whether a signal ended it.
    private func show(_ line: FollowLine) throws -> Bool {
        let inColour = common.settings.environment["NO_COLOR"] == nil
        if let into {
            var mirror = try FollowMirror(line, directory: into, whenSaved: saved, output: common.output)
            return try mirror.run()
        }
        if editor {
            var editor = FollowEditor(line, output: common.output)
            return try editor.run()
        }
        let moment = fit == nil && from == "live" ? nil : MomentParser.parse(from == "live" ? "start" : from)
        let isTerminal = Descriptor.standardOutput.isTerminal && Descriptor.standardInput.isTerminal
        if plain || common.json || !isTerminal {
            var begin: (@Sendable (Recording) throws -> RecordTime)?
            if let moment { begin = { recording in try Self.time(moment, in: recording) } }
            var text = FollowText(
                line, output: common.output, inColour: inColour && Descriptor.standardOutput.isTerminal, from: begin)
            return try text.run()
        }
        var start = LivePlayer.Start.live
        if let moment {
            start = .past(
                from: { (try? Self.time(moment, in: $0)) ?? $0.start }, fit: fit.flatMap(DurationText.parse))
        }
        var player = LivePlayer(line.feed, start: start, inColour: inColour) { line.wantHistory() }
        return try player.run() != nil
    }

    private static func time(_ moment: Moment, in recording: Recording) throws -> RecordTime {
        let now = RecordTime(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
        var markers: [String: RecordTime] = [:]
        for timed in recording.events {
            if case .marker(let marker) = timed.event.body { markers[marker.name] = timed.time }
        }
        let context = Moment.Context(start: recording.start, end: now, now: now, markers: markers) { time in
            .seconds(TimeZone.current.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.microseconds) / 1e6)))
        }
        guard let time = moment.time(in: context) else {
            throw CommandFailure(.missing, "no such marker in what is followed")
        }
        return time
    }
}
