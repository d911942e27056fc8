import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation

/// Records a workspace.
struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rec",
        abstract: "Record this workspace: a shell, its commands and output; editors join by themselves.",
        discussion: """
            Runs your shell, or a command, in a terminal of its own and records what is shown in it. Editors with the plug-in \
            join the session while it is open; a second `rec` in the workspace joins it as another terminal. Ctrl-D or `exit` \
            ends it, Ctrl-\\ pauses it. Everything stays on this machine, unless --broker sends it live to a team.

            Examples:
              playhead rec -t "login form"
              playhead rec -c 'make test' --return
              playhead rec --headless --window-size 120x40 -- ./ci.sh
            """)

    @Option(name: [.short, .long], help: "A title for the session.")
    var title = ""

    @Option(help: "A tag; may be given several times.")
    var tag: [String] = []

    @Option(name: [.customShort("c"), .long], help: "Run this command line instead of a shell at its prompt.")
    var command: String?

    @Flag(help: "Without a terminal of yours: for scripts and CI.")
    var headless = false

    @Option(help: ArgumentHelp("The size of the recorded terminal.", valueName: "COLSxROWS"))
    var windowSize: String?

    @Flag(name: .customLong("return"), help: "Exit with the status of the shell or the command.")
    var returnsStatus = false

    @Flag(name: [.customShort("I"), .long], help: "Record what is typed as well (never at a password prompt).")
    var captureInput = false

    @Flag(help: "A session of its own, even if one is open in this workspace.")
    var new = false

    @Option(
        help: ArgumentHelp(
            "Live to this broker and into the team's archive.", valueName: "amqp://NAME:PASSWORD@HOST/VHOST"))
    var broker: String?

    @Option(help: "What is kept of a command's output: off (all of it), or the size of its beginning, such as 8M.")
    var outputLimit: String?

    @OptionGroup var common: CommonOptions

    @Argument(parsing: .postTerminator, help: "A program and its arguments.")
    var program: [String] = []

    func validate() throws {
        if command != nil, !program.isEmpty { throw ValidationError("Give either -c or a program, not both.") }
        if let windowSize, WindowSize(windowSize) == nil {
            throw ValidationError("'\(windowSize)' is no size; 120x40 is one.")
        }
        if let outputLimit, ByteSize(outputLimit) == nil {
            throw ValidationError("'\(outputLimit)' is no limit; 8M and off are.")
        }
    }

    func run() throws {
        let settings = common.settings
        guard !RecorderOptions.isRecorded(settings.environment) else {
            throw CommandFailure(
                .refused, "this terminal is being recorded already; `playhead status` says by which session")
        }
        let workspace = WorkspaceRoot.find(of: settings.workingDirectory, start: settings.workingDirectory)
        let recording = try OpenRecording(
            settings: settings, workspace: workspace, title: title, tags: tag, isNew: new, headless: headless,
            broker: broker)
        if !common.json {
            let name = recording.joined ? "joined" : "recording"
            common.output.message(
                "[rec] \(name) \(workspace) as \(recording.session.short), \(recording.reach). End: exit or Ctrl-D")
            if recording.isPaused {
                common.output.message("      Paused: nothing is recorded until `playhead unpause`.")
            }
            if let broker = recording.broker(until: \.isKnown), broker.state != "connected" {
                common.output.message("      Kept here, and not sent yet.  \(broker.text)")
            }
        }
        let status = try recording.run { environment, directory in
            try options(environment: environment, directory: directory)
        }
        let broker = recording.broker { $0.unsent == 0 }
        if common.json {
            var members: [(key: String, value: JSONValue)] = [
                ("session", .string("\(recording.session)")), ("short", .string(recording.session.short)),
                ("status", .integer(Int64(status.shellStatus))), ("kept", .bool(recording.isKept)),
                ("destination", .string(recording.destination)),
            ]
            if let broker { members.append(("broker", broker.json)) }
            common.output.json(.object(members))
        } else {
            common.output.message("[rec] \(recording.session.short) ended.  playhead play \(recording.session.short)")
            if let broker, broker.unsent > 0 {
                common.output.message("      Kept here, and sent when it can be.  \(broker.text)")
            }
        }
        if returnsStatus, status.shellStatus != 0 { throw CommandFailure.exit(status.shellStatus) }
    }

    private func options(environment: [String: String], directory: String) throws -> RecorderOptions {
        let shell = ShellLaunch.shell(of: environment)
        let launch: ShellLaunch =
            if let command {
                .line(command, shell: shell, environment: environment)
            } else if !program.isEmpty {
                .program(program, environment: environment)
            } else {
                .interactive(shell, environment: environment, directory: directory)
            }
        try launch.writeFiles(to: directory)
        var options = RecorderOptions(launch.launch)
        options.shell = launch.shell
        options.command = launch.command
        options.title = title
        options.headless = headless || !Descriptor.standardInput.isTerminal
        options.size = windowSize.flatMap(WindowSize.init)
        options.capturesInput = captureInput
        options.host = Machine.hostName
        if let outputLimit { options.outputLimit = ByteSize(outputLimit)?.bytes.map { .init(first: $0, last: $0 / 4) } }
        if common.json { options.output = headless ? nil : options.output }
        return options
    }
}

/// An amount of bytes as people write it: `8M`, `512k`, `1000`; `off` is none.
struct ByteSize {
    let bytes: Int?

    init?(_ text: String) {
        if text == "off" {
            bytes = nil
            return
        }
        let units: [Character: Int] = ["k": 10, "K": 10, "m": 20, "M": 20, "g": 30, "G": 30]
        let shift = text.last.flatMap { units[$0] }
        guard let number = Int(shift == nil ? text[...] : text.dropLast()), number > 0, number < 1 << 30 else {
            return nil
        }
        bytes = number << (shift ?? 0)
    }
}
