import AMQPBridge
import Archive
import ArgumentParser
import Delivery
import EventSchema
import Foundation

/// Who records to a broker and who may follow whom.
struct TeamCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "team",
        abstract: "People who share a broker, and who may follow whom.",
        discussion: """
            Everybody may follow oneself, and nobody else until it is granted. What is said here is kept in one file, \
            team.toml, and told to the broker at once: the private one of this machine, or any other by the address of \
            its management plugin.

            Examples:
              playhead team init
              playhead team add alice            prints what alice sets as PLAYHEAD_BROKER
              playhead team grant bob alice      bob may follow alice
              playhead team revoke bob alice     not any more: cut off within a second
            """,
        subcommands: [
            TeamInitCommand.self, TeamAddCommand.self, TeamRemoveCommand.self, TeamGrantCommand.self,
            TeamRevokeCommand.self, TeamListCommand.self, TeamApplyCommand.self, TeamDefinitionsCommand.self,
        ])
}

/// Which broker is told of a change.
struct TeamBrokerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The broker's management plugin, else PLAYHEAD_MANAGEMENT, which other accounts do not see; the private broker if neither is given.",
            valueName: "https://user:password@host:port"))
    var management: String?

    @Option(help: ArgumentHelp("The authorities to trust instead of the system's, PEM.", valueName: "path"))
    var authorities: String?

    @Option(
        help: ArgumentHelp(
            "Keep this file of definitions, which the broker loads at its start, equal to what it is told.",
            valueName: "path"))
    var definitions: String?

    /// Nil: there is none that runs; what is kept is told at its next start.
    func broker(_ place: TeamPlace, _ settings: Settings) throws -> TeamBroker? {
        if let address = management ?? settings.environment["PLAYHEAD_MANAGEMENT"], !address.isEmpty {
            var api = try ManagementAPI(url: address)
            api.authorityFile = authorities
            return .management(api)
        }
        return try place.node.status().process == nil ? nil : .node(place.node)
    }

    /// Whether the broker is somebody else's, so that passwords are not kept here.
    func isRemote(_ settings: Settings) -> Bool {
        management != nil || !(settings.environment["PLAYHEAD_MANAGEMENT"] ?? "").isEmpty
    }
}

/// What every verb of a team has.
struct TeamVerb: ParsableArguments {
    @OptionGroup var team: TeamOptions
    @OptionGroup var broker: TeamBrokerOptions
    @OptionGroup var common: CommonOptions

    var place: TeamPlace { team.place(common.settings) }
    var output: Output { common.output }
    var isRemote: Bool { broker.isRemote(common.settings) }

    /// Keeps the file, tells the broker, and cuts off whoever has lost something.
    ///
    /// The file is kept first: the archiver obeys it, and a broker that cannot be reached now is told later.
    func apply(_ team: TeamFile, cuttingOff logins: [String] = []) throws {
        var team = team
        try place.save(team)
        if let path = broker.definitions { try TeamDefinitions(team, brokerVersion: 4).write(to: path) }
        guard let broker = try broker.broker(place, common.settings) else {
            output.message("kept in \(place.file); the broker does not run and is told at its next start")
            return
        }
        do {
            try broker.apply(team, cuttingOff: logins)
        } catch {
            throw CommandFailure(
                CommandFailure.Status(rawValue: CommandFailure(error).exitStatus) ?? .failed,
                "kept in \(place.file), but not told to the broker; mend it, then: playhead team apply\n\(error.message)"
            )
        }
        if !team.removed.isEmpty {
            team.removed = []
            try place.save(team)
        }
    }

    /// What somebody sets as `PLAYHEAD_BROKER`.
    func url(of login: String, password: String, in team: TeamFile) throws -> AMQPURL? {
        var url = team.broker
        if url == nil, !isRemote { url = try place.node.status().place?.url }
        url?.user = login
        url?.password = password
        url?.explicitVirtualHost = team.virtualHost
        return url
    }

    /// Prints a login; its password is shown this once.
    func show(_ login: String, password: String, in team: TeamFile) throws {
        let url = try url(of: login, password: password, in: team)?.textWithPassword
        if common.json {
            var members: [(key: String, value: JSONValue)] = [
                ("user", .string(login)), ("password", .string(password)),
            ]
            if let url { members.append(("url", .string(url))) }
            output.json(.object(members))
        } else if let url {
            output.line("PLAYHEAD_BROKER=\(url)")
        } else {
            output.line("\(login)  \(password)")
            output.message("there is no address yet: playhead team init --broker amqps://HOST")
        }
    }
}

/// Makes the team's file.
struct TeamInitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a team, and prepare the broker for it.",
        discussion: """
            Examples:
              playhead team init
              playhead team init --broker amqps://mq.example \\
                --management https://admin:…@mq.example
            """)

    @Option(help: ArgumentHelp("Where people reach the broker, if it is not the private one.", valueName: "url"))
    var broker: String?

    @Option(help: "The virtual host that holds everything of the team.")
    var virtualHost = BrokerNames.virtualHost

    @Flag(help: "Make the login 'administrator' too, for a broker that is the team's own.")
    var administrator = false

    @OptionGroup var verb: TeamVerb

    func run() throws {
        if verb.place.exists {
            var team = try verb.place.load()
            if let broker { team.broker = try AMQPURL(broker).withoutCredentials }
            try verb.apply(team)
            verb.output.message("the team in \(verb.place.file) stays as it is, and the broker knows it")
            return
        }
        if !verb.isRemote, broker == nil {
            try verb.apply(try verb.place.makeTeam(verb.common.settings, virtualHost: virtualHost))
            verb.output.message("a team of one: \(verb.common.settings.user), in \(verb.place.file)")
            verb.output.message("next:  playhead broker start; playhead team add NAME")
            return
        }
        let password = RandomText.make(24)
        var team = TeamFile(virtualHost: virtualHost, archiverPassword: PasswordHash(of: password))
        team.broker = try broker.map { try AMQPURL($0).withoutCredentials }
        let administrating = RandomText.make(24)
        if administrator { team.administratorPassword = PasswordHash(of: administrating) }
        try verb.common.settings.home.create()
        try verb.apply(team)
        try verb.show(BrokerNames.archiver, password: password, in: team)
        if administrator { try verb.show(BrokerNames.administrator, password: administrating, in: team) }
        verb.output.message("these logins are not shown again. Next:  playhead team add NAME")
    }
}

/// Adds somebody.
struct TeamAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add somebody, and print the login, once.",
        discussion: "Examples:\n  playhead team add alice\n  playhead team add alice --new-password")

    @Argument(help: "A name of a-z, 0-9 and '-'.")
    var name: String

    @Flag(help: "Give somebody who belongs to the team, or the archiver, another password.")
    var newPassword = false

    @OptionGroup var verb: TeamVerb

    func run() throws {
        var team = try verb.place.load()
        let password = RandomText.make(24)
        let hash = PasswordHash(of: password)
        var old: [String] = []
        if newPassword, name == BrokerNames.archiver {
            team.archiverPassword = hash
            old = [name]
        } else if newPassword, team.people[name] != nil {
            team.people[name]?.password = hash
            old = [name, BrokerNames.followLogin(of: name)]
        } else {
            try team.add(name, password: hash)
        }
        try verb.apply(team, cuttingOff: old)
        if !verb.isRemote, team.broker == nil { try verb.place.remember([name: password]) }
        try verb.show(name, password: password, in: team)
    }
}

/// Takes somebody out.
struct TeamRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take somebody out; what is archived stays.",
        discussion: "Example:  playhead team remove alice")

    @Argument(help: "The name.")
    var name: String

    @OptionGroup var verb: TeamVerb

    func run() throws {
        var team = try verb.place.load()
        let followers = team.people.filter { $0.value.follows[name] != nil }.keys.map {
            BrokerNames.followLogin(of: $0)
        }
        try team.remove(name)
        try verb.apply(team, cuttingOff: [name, BrokerNames.followLogin(of: name)] + followers.sorted())
        if verb.common.json {
            verb.output.json(["removed": .string(name)])
        } else {
            verb.output.message("\(name) is out")
        }
    }
}

/// Lets somebody follow somebody.
struct TeamGrantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Let somebody follow somebody: everything, or some sessions.",
        discussion: "Examples:\n  playhead team grant bob alice\n  playhead team grant bob alice --session 7kq2mx")

    @OptionGroup var pair: TeamPair
    @OptionGroup var verb: TeamVerb

    func run() throws {
        var team = try verb.place.load()
        try team.grant(pair.follower, pair.user, sessions: try pair.sessions(verb.common.settings))
        try verb.apply(team)
        pair.tell(verb, team, "may follow")
    }
}

/// Takes it back.
struct TeamRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take back what was granted, and cut the connections that use it.",
        discussion: "Examples:\n  playhead team revoke bob alice\n  playhead team revoke bob alice --session 7kq2mx")

    @OptionGroup var pair: TeamPair
    @OptionGroup var verb: TeamVerb

    func run() throws {
        var team = try verb.place.load()
        let sessions = try pair.sessions(verb.common.settings)
        guard try team.revoke(pair.follower, pair.user, sessions: sessions) else {
            throw CommandFailure(.missing, "\(pair.follower) may not follow that of \(pair.user) anyway")
        }
        try verb.apply(team, cuttingOff: [BrokerNames.followLogin(of: pair.follower)])
        pair.tell(verb, team, "may no longer follow")
    }
}

/// Who follows whom, and what.
struct TeamPair: ParsableArguments {
    @Argument(help: "Who follows.")
    var follower: String

    @Argument(help: "Whom.")
    var user: String

    @Option(help: ArgumentHelp("Only this session; may be given several times.", valueName: "session"))
    var session: [String] = []

    /// Whole identifiers, or what one's own archive knows.
    func sessions(_ settings: Settings) throws -> Set<SessionID> {
        try Set(
            session.map { text in
                if let identifier = Identifier(text) { return SessionID(identifier) }
                return try Library(settings).find(text).id
            })
    }

    func tell(_ verb: TeamVerb, _ team: TeamFile, _ words: String) {
        if verb.common.json {
            verb.output.json(TeamListCommand.json(follower, team))
        } else {
            let what = session.isEmpty ? "" : " in \(session.joined(separator: ", "))"
            verb.output.message("\(follower) \(words) \(user)\(what)")
        }
    }
}

/// Says who belongs to the team.
struct TeamListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Say who belongs to the team and who may follow whom.",
        discussion: "Example:  playhead team list --json")

    @OptionGroup var team: TeamOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let team = try team.place(common.settings).load()
        for (name, person) in team.people.sorted(by: { $0.key < $1.key }) {
            if common.json {
                common.output.json(Self.json(name, team))
            } else {
                let grants = Self.grants(person)
                common.output.line(
                    grants.isEmpty ? name : "\(name)  follows \(grants.map(\.text).joined(separator: ", "))")
            }
        }
    }

    static func json(_ name: String, _ team: TeamFile) -> JSONValue {
        let follows = team.people[name].map { grants($0) } ?? []
        return ["user": .string(name), "follows": .array(follows.map(\.json))]
    }

    private static func grants(_ person: TeamFile.Person) -> [(text: String, json: JSONValue)] {
        person.follows.sorted { $0.key < $1.key }.map { user, grant in
            switch grant {
            case .everything: (user, ["user": .string(user)])
            case .sessions(let sessions):
                (
                    "\(user) (\(sessions.sorted().map(\.short).joined(separator: ", ")))",
                    ["user": .string(user), "sessions": .array(sessions.sorted().map { .string("\($0)") })]
                )
            }
        }
    }
}

/// Tells the broker the whole file.
struct TeamApplyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Tell the broker what team.toml says, after a change by hand.",
        discussion: "Example:  playhead team apply")

    @OptionGroup var verb: TeamVerb

    func run() throws {
        let team = try verb.place.load()
        // What was changed is not known: all start anew, and get what the file says now.
        let logins = team.people.keys.sorted().flatMap { [$0, BrokerNames.followLogin(of: $0)] }
        try verb.apply(team, cuttingOff: logins)
        if verb.common.json {
            verb.output.json(["people": .integer(Int64(team.people.count))])
        } else {
            verb.output.message("the broker knows \(team.people.count) people")
        }
    }
}

/// Prints what a broker loads.
struct TeamDefinitionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "definitions",
        abstract: "Print users, permissions and topology as RabbitMQ loads them at its start.",
        discussion: "Example:  playhead team definitions > definitions.json")

    @Option(help: "The broker's major version.")
    var brokerVersion = 4

    @OptionGroup var team: TeamOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let team = try team.place(common.settings).load()
        common.output.json(TeamDefinitions(team, brokerVersion: brokerVersion).json)
    }
}
