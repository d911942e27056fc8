import AMQPBridge
import Archive
import ArgumentParser
import Delivery
import EventSchema

/// A private RabbitMQ on this machine.
struct BrokerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "A private RabbitMQ on this machine: start it, stop it, ask where it is.",
        discussion: """
            It listens on 127.0.0.1 only, keeps everything in one directory, and goes on when the terminal is closed. \
            RabbitMQ must be installed (apt-get install rabbitmq-server); the machine's own broker is not touched.

            Examples:
              playhead broker start
              playhead rec --broker "$(playhead broker url)"
              playhead broker stop
            """,
        subcommands: [
            BrokerStartCommand.self, BrokerStopCommand.self, BrokerStatusCommand.self, BrokerURLCommand.self,
        ])
}

/// Starts the private broker; nothing happens if it runs.
struct BrokerStartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start it, and wait until it answers.",
        discussion: "Examples:\n  playhead broker start\n  playhead broker start --port 5672 --management")

    @Option(help: "Where clients connect, on 127.0.0.1; if not given a free port, the same at every later start.")
    var port: UInt16?

    @Flag(help: "With RabbitMQ's management page and HTTP API, on a port of its own.")
    var management = false

    @OptionGroup var team: TeamOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let place = team.place(common.settings)
        let before = try place.node.status()
        if before.process == nil {
            var options = before.place?.settings.options ?? NodeOptions()
            options.port = port ?? options.port
            if management { options.plugins = [.management] }
            // So that people are told who watches them.
            if !options.plugins.contains(.eventExchange) { options.plugins.append(.eventExchange) }
            options.eventHost = place.exists ? try place.load().virtualHost : BrokerNames.virtualHost
            options.definitions = TeamBroker.definitions(of: place.node)
            try common.settings.home.create()
            try place.node.prepare(options)
        }
        var file = place.exists ? try place.load() : try place.makeTeam(common.settings)
        if before.process == nil { try TeamBroker.write(file, for: place.node) }
        common.output.progress("starting RabbitMQ …")
        let node = try place.node.start()
        common.output.progress("")
        if !file.removed.isEmpty {
            try TeamBroker.node(place.node).apply(file)
            file.removed = []
            try place.save(file)
        }
        let ports = node.settings.ports
        if common.json {
            common.output.json(BrokerStatusCommand.json(try place.node.status(), started: before.process == nil))
            return
        }
        let process = try place.node.status().process ?? 0
        let verb = before.process == nil ? "runs" : "runs already"
        common.output.message("the broker \(verb) on 127.0.0.1:\(ports.amqp), process \(process)")
        if node.settings.options.plugins.contains(.management) {
            common.output.message(
                "its page: http://127.0.0.1:\(ports.management)  [login: playhead broker url --as \(node.settings.user)]"
            )
        }
        common.output.message("record to it:  playhead rec --broker \"$(playhead broker url)\"")
    }
}

/// Stops the private broker.
struct BrokerStopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop it; what it holds stays.", discussion: "Example:  playhead broker stop")

    @OptionGroup var team: TeamOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let ran = try team.place(common.settings).node.stop()
        if common.json {
            common.output.json(["stopped": .bool(ran)])
        } else {
            common.output.message(ran ? "the broker is stopped; its data stays" : "the broker does not run")
        }
    }
}

/// Says whether the private broker runs.
struct BrokerStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say whether it runs and where (exit 69 if it does not).",
        discussion: "Example:  playhead broker status --json")

    @OptionGroup var team: TeamOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let node = team.place(common.settings).node
        let status = try node.status()
        if common.json {
            common.output.json(Self.json(status, started: nil))
        } else if let place = status.place, let process = status.process {
            let answers = status.isReady ? "runs" : "is there and does not answer (yet)"
            common.output.line("the broker \(answers) on 127.0.0.1:\(place.settings.ports.amqp), process \(process)")
            common.output.line("directory  \(node.directory)")
        } else {
            common.output.line(
                status.place == nil ? "there is no broker in \(node.directory)" : "the broker is stopped")
        }
        guard status.isReady else {
            throw CommandFailure(.unreachable, "no broker answers; start it: playhead broker start")
        }
    }

    static func json(_ status: PrivateNode.Status, started: Bool?) -> JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("state", .string(status.isReady ? "running" : status.process == nil ? "stopped" : "starting"))
        ]
        if let started { members.append(("started", .bool(started))) }
        if let process = status.process { members.append(("process", .integer(Int64(process)))) }
        if let place = status.place {
            members.append(("directory", .string(place.directory)))
            members.append(("port", .integer(Int64(place.settings.ports.amqp))))
            if place.settings.options.plugins.contains(.management) {
                members.append(("management_port", .integer(Int64(place.settings.ports.management))))
            }
        }
        return .object(members)
    }
}

/// Prints how to log in to the private broker.
struct BrokerURLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "url", abstract: "Print its address with user and password, for --broker.",
        discussion: """
            Examples:
              playhead rec --broker "$(playhead broker url)"
              playhead serve --broker "$(playhead broker url --as archiver)"
            """)

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Whose login: a member of the team, archiver, or administrator; if not given your own.", valueName: "name"))
    var login: String?

    @OptionGroup var team: TeamOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let place = team.place(common.settings)
        guard try place.node.status().place != nil, place.exists else {
            throw CommandFailure(
                .missing, "there is no broker in \(place.node.directory); start one: playhead broker start")
        }
        let login = login ?? common.settings.user
        guard let url = try place.url(of: login, team: try place.load()) else {
            throw CommandFailure(
                .missing,
                "the password of '\(login)' is not kept here; make a new one: playhead team add \(login) --new-password"
            )
        }
        if common.json {
            common.output.json(["url": .string(url.textWithPassword)])
        } else {
            common.output.line(url.textWithPassword)
        }
    }
}
