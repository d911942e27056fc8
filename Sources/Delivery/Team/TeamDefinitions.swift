import AMQPBridge
import EventSchema

/// A team as RabbitMQ's definitions: users, permissions and topology, nothing decided anywhere else.
///
/// Every expression is anchored, and every login has a row for every topic exchange: where RabbitMQ has no row it
/// allows everything.
public struct TeamDefinitions: Hashable, Sendable {
    public var team: TeamFile
    /// The broker's own administrators, which a broker that loads definitions would not have otherwise.
    public var administrators: [String: PasswordHash] = [:]
    /// The broker's major version: some rules exist only from 4 on.
    public var brokerVersion: Int

    public init(_ team: TeamFile, administrators: [String: PasswordHash] = [:], brokerVersion: Int = 3) {
        self.team = team
        self.administrators = administrators
        self.brokerVersion = brokerVersion
    }

    /// What a login may do.
    struct Login: Hashable, Sendable {
        var name: String
        var password: PasswordHash?
        /// Which queues and exchanges it may make, write to, read from.
        var configure = ""
        var write = ""
        var read = ""
        /// Which routing keys it may write and bind, by exchange; denied where nothing stands.
        var topics: [String: (write: String, read: String)] = [:]

        static func == (a: Login, b: Login) -> Bool { a.name == b.name }
        func hash(into hasher: inout Hasher) { hasher.combine(name) }
    }

    /// In the order of their names.
    var logins: [Login] {
        var logins = [archiver]
        for (user, person) in team.people.sorted(by: { $0.key < $1.key }) {
            logins += [publisher(user, person), follower(user, person)]
        }
        // Loading definitions takes nobody out; without password and permission nobody gets in.
        for user in team.removed.sorted() {
            logins += [Login(name: user), Login(name: BrokerNames.followLogin(of: user))]
        }
        return logins
    }

    private var archiver: Login {
        let own = #"playhead\.(archive|requests)"#
        return Login(
            name: BrokerNames.archiver, password: team.archiverPassword,
            configure: #"^(playhead\.[a-z]+|archiver\.[0-9a-f-]+)$"#,
            // The default exchange carries the answers to their askers.
            write: #"^(\#(own)|playhead\.control|archiver\.[0-9a-f-]+|amq\.default)$"#,
            read: #"^(\#(own)|playhead\.(events|control)|archiver\.[0-9a-f-]+|amq\.rabbitmq\.event)$"#,
            topics: [
                BrokerNames.events: ("", Self.exactly(BrokerNames.archiveBinding)),
                BrokerNames.control: (Self.ownKeys, Self.exactly(BrokerNames.requestBinding)),
            ])
    }

    /// May write under its own name and nothing else: whoever could declare a queue as well could launder keys through
    /// its dead letters.
    private func publisher(_ user: String, _ person: TeamFile.Person) -> Login {
        Login(
            name: user, password: person.password, write: #"^playhead\.(events|live|control)$"#,
            topics: [
                BrokerNames.events: (Self.ownKeys, ""), BrokerNames.live: (Self.ownKeys, ""),
                BrokerNames.control: (Self.ownKeys, ""),
            ])
    }

    private func follower(_ user: String, _ person: TeamFile.Person) -> Login {
        let login = BrokerNames.followLogin(of: user)
        let queues = "\(login)\\.[0-9a-z]"
        let seen =
            [Self.pattern(user)] + person.follows.sorted { $0.key < $1.key }.map { Self.pattern($0.key, $0.value) }
        // One `#` at most: with many in a row a broker tries every way to share a key's words out among them.
        let more = #"(\.[0-9a-z*-]+){0,3}(\.#)?$"#
        let live = "^(\(seen.joined(separator: "|")))\(more)"
        let marks = seen.map { #"archiver\.watermark\.\#($0)\#(more)"# }
        let asked = #"\*\.keyframe\.\#(user)\.\*$"#
        let told = #"archiver\.(started|rollcall|watching\.\#(user))$"#
        return Login(
            name: login, password: person.password, configure: "^\(queues)$",
            write: #"^(\#(queues)|playhead\.control)$"#, read: #"^(\#(queues)|playhead\.(live|control))$"#,
            topics: [
                BrokerNames.live: ("", live),
                BrokerNames.control: (Self.ownKeys, "^(\((marks + [asked, told]).joined(separator: "|")))"),
            ])
    }

    /// What the first words of a key must be: a person, or a person and one of these sessions.
    private static func pattern(_ user: String, _ grant: TeamFile.Grant = .everything) -> String {
        switch grant {
        case .everything: user
        case .sessions(let sessions):
            "\(user)\\.(\(sessions.sorted().map(\.description).joined(separator: "|")))"
        }
    }

    /// RabbitMQ puts the login in; names are of letters that mean nothing else in an expression.
    private static let ownKeys = #"^{username}\."#

    private static func exactly(_ key: String) -> String {
        "^" + key.map { ".*+?()[]{}|^$\\".contains($0) ? "\\\($0)" : String($0) }.joined() + "$"
    }
}
