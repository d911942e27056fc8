import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation
import Replay
import Viewer

/// Plays sessions.
struct PlayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "play",
        abstract: "Play sessions with the idle time removed.",
        discussion: """
            On a terminal: the focused file with its cursor beside the shell. Space pauses, arrows jump, + and - change the \
            speed, ? shows all keys. Without a terminal, or with --plain: text at the same pace.

            Examples:
              playhead play last
              playhead play last --fit 5m       a cut of five minutes: what matters
              playhead play 7kq2mx -s 4 --from end-30m
              playhead play last --only commands --plain
            """)

    @OptionGroup var what: WhatOptions

    @Option(name: [.short, .long], help: "How fast, on top of the pauses being cut (default 1).")
    var speed: Double?

    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp("Cut pauses to this many seconds; off keeps them.", valueName: "SECS|off"))
    var idle = "2"

    @Option(help: ArgumentHelp("Cut the recording to this length: 5m, 90s.", valueName: "D"))
    var fit: String?

    @Option(help: ArgumentHelp("Begin at this moment.", valueName: "T"))
    var from: String?

    @Option(help: "Only this lane: edits, output, commands, files, env, notes, or files that fit a pattern.")
    var only: String?

    @Flag(name: [.customShort("m"), .long], help: "Pause at notes, markers and saves.")
    var pauseOnMarkers = false

    @Flag(name: [.short, .long], help: "Begin paused.")
    var paused = false

    @Flag(help: "Text at its pace, also on a terminal.")
    var plain = false

    @OptionGroup var broker: BrokerOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if fit != nil, speed != nil {
            throw ValidationError("--fit and -s exclude each other: --fit chooses the pace.")
        }
        if let fit, DurationText.parse(fit) == nil { throw ValidationError("'\(fit)' is no length; 5m and 90s are.") }
        if let speed, !(speed > 0 && speed <= Player.fastest) {
            throw ValidationError("A speed lies between \(Player.slowest) and \(Int(Player.fastest)).")
        }
        if idle != "off", (DurationText.parse(idle) ?? .zero) <= .zero {
            throw ValidationError("'\(idle)' is no idle limit; 2 and off are.")
        }
    }

    func run() throws {
        let library = try Library(common.settings, broker: broker.login)
        let (sessions, moment) = try chosen(library)
        let recording = try RecordingLoader(library).load(sessions)
        guard !recording.isEmpty else { throw CommandFailure(.missing, "there is nothing in it to play") }
        let activity = Activity(of: recording, lanes: Set(only.map { [Lane($0)] } ?? []))
        let start = try from.map { try MomentOption.time($0, in: sessions.last, library: library) } ?? moment
        let map: TimeMap
        var message = ""
        let onTerminal = !plain && Descriptor.standardOutput.isTerminal && Descriptor.standardInput.isTerminal
        if let fit, let wanted = DurationText.parse(fit) {
            let cut = Fit(wanted, of: activity, scenes: Scenes(of: recording, activity: activity))
            message = cut.sentence ?? ""
            if !onTerminal, !message.isEmpty { common.output.message(message) }
            map = cut.map
        } else {
            map = TimeMap(of: activity, idleLimit: idle == "off" ? nil : DurationText.parse(idle))
        }
        if onTerminal {
            try playOnTerminal(recording, activity, map, message: message, from: start)
        } else {
            try playPlain(recording, activity, map, from: start)
        }
    }

    /// The sessions, and the moment of a `SESSION@T`.
    private func chosen(_ library: Library) throws -> ([SessionSummary], RecordTime?) {
        guard what.sessions.count <= 1 else { return (try what.sessions(of: library), nil) }
        if what.sessions.isEmpty, what.isNarrowed { return (try what.sessions(of: library), nil) }
        let (found, moment) = try MomentOption.split(what.sessions.first ?? "last", at: nil, library: library)
        return ([found], moment)
    }

    private func playPlain(_ recording: Recording, _ activity: Activity, _ map: TimeMap, from start: RecordTime?) throws
    {
        var player = PlainPlayer(
            of: recording, activity: activity, map: map, speed: speed ?? 1, from: start, clock: ClockFormat(),
            inColour: Descriptor.standardOutput.isTerminal && common.settings.environment["NO_COLOR"] == nil)
        let outcome = try player.run()
        if case .interrupted = outcome { throw CommandFailure.exit(CommandFailure.Status.interrupted.rawValue) }
        guard case .finished = outcome, start == nil else { return }
        let work = DurationText.words(map.end - map.start)
        common.output.message("\(work) of work in \(DurationText.words(map.total / (speed ?? 1)))")
    }

    private func playOnTerminal(
        _ recording: Recording, _ activity: Activity, _ map: TimeMap, message: String, from start: RecordTime?
    ) throws {
        var player = TerminalPlayer(
            of: recording, activity: activity, map: map, other: TimeMap(of: activity, idleLimit: nil),
            speed: speed ?? 1,
            from: start, isPaused: paused, pausesOnMarkers: pauseOnMarkers, message: message,
            inColour: common.settings.environment["NO_COLOR"] == nil)
        if try player.run() != nil { throw CommandFailure.exit(CommandFailure.Status.interrupted.rawValue) }
    }
}
