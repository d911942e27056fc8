import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation
import TestSupport

/// A team on a virtual host of its own: a broker, an archiver's home, and people with homes of their own.
final class TeamBed: Sendable {
    static let password = "secret"

    let host: TestVirtualHost
    let archiver: Playhead
    let team: TeamFile

    /// - Parameter follows: who may follow whom.
    init(_ people: [String], follows: [(String, String)] = [], on broker: TestBroker? = nil) async throws {
        let broker = if let broker { broker } else { try await TestBroker.shared() }
        host = try await broker.virtualHost()
        archiver = try Playhead()
        var team = TeamFile(virtualHost: host.name, archiverPassword: PasswordHash(of: Self.password))
        for person in people { try team.add(person, password: PasswordHash(of: Self.password)) }
        for (follower, user) in follows { try team.grant(follower, user) }
        try team.save(to: archiver.archiveHome.appendingPathComponent("team.toml").path)
        self.team = team
        try await apply()
    }

    /// Tells the broker of the team, again after its data are gone.
    func apply() async throws {
        let (management, team) = (host.broker.management, team)
        try await onThread { try TeamBroker.management(management).apply(team) }
    }

    /// How somebody logs in.
    func url(_ login: String, password: String = TeamBed.password) -> String {
        "amqp://\(login):\(password)@127.0.0.1:\(host.url.port)/\(host.name)"
    }

    /// How somebody logs in at a port with TLS, by a name that is 127.0.0.1.
    func url(_ login: String, tls port: UInt16, _ certificates: Certificates, _ more: String = "") -> String {
        "amqps://\(login):\(Self.password)@localhost:\(port)/\(host.name)?cacertfile=\(certificates.path("ca.pem"))\(more)"
    }

    /// The team's file told to the broker again, as whoever runs the team types it.
    func teamApply() async throws -> Playhead.Outcome { try await runTeam("apply") }

    /// `playhead team`, as whoever runs the team types it.
    func runTeam(_ arguments: String...) async throws -> Playhead.Outcome {
        let settings = host.broker.place.settings
        let management = "http://\(settings.user):\(settings.password)@127.0.0.1:\(settings.ports.management)"
        return try await archiver.run(["team"] + arguments, environment: ["PLAYHEAD_MANAGEMENT": management])
    }

    /// Takes rights away from a login, as somebody may by mistake.
    func permit(_ login: String, configure: String = "", write: String = "", read: String = "") async throws {
        let body = #"{"configure":"\#(configure)","write":"\#(write)","read":"\#(read)"}"#
        try await manage("PUT", "permissions/\(host.name)/\(login)", body)
    }

    func manage(_ method: String, _ path: String, _ body: String? = nil) async throws {
        let management = host.broker.management
        try await onThread { try management.send(method, path, body: body) }
    }

    /// Somebody with a home of their own.
    func person(_ name: String, _ more: [String: String] = [:]) throws -> Playhead {
        try Playhead(["USER": name].merging(more) { $1 })
    }

    private func home(_ playhead: Playhead) -> ArchiveHome { ArchiveHome(playhead.archiveHome) }
    var teamHome: ArchiveHome { ArchiveHome(archiver.archiveHome, of: .team) }

    func serve(_ name: String = "serve", at url: String? = nil) throws -> RunningProgram {
        try RunningProgram(
            ["serve", "--json", "--broker", url ?? self.url("archiver")], environment: archiver.environment,
            directory: archiver.workspace, output: archiver.home.file("\(name).log"))
    }

    /// Somebody with the follow login of `user` watches a person.
    func follow(
        _ follower: Playhead, as user: String = "bob", _ more: [String] = [], whom: [String] = ["@alice"],
        parameters: String = "", log: String = "follow.log"
    ) throws -> RunningProgram {
        try RunningProgram(
            ["follow"] + whom + ["--broker", url(user) + parameters] + more, environment: follower.environment,
            directory: follower.workspace, output: follower.home.file(log))
    }

    /// The events that lines of JSON tell of, in their order.
    static func addresses(_ json: String) throws -> [String] {
        try json.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("{") else { return nil }
            let event = try JSONReader.read(line.utf8)
            guard let source = event["source"]?.string, let seq = event["seq"]?.integer,
                let index = event["index"]?.integer
            else { return nil }
            return "\(source) \(seq) \(index)"
        }
    }

    /// Waits until a login's queue hears a person live.
    func isFollowed(_ user: String = "alice", by login: String = "f-bob", count: Int = 1) async throws {
        try await eventually("\(login) follows \(user)") {
            try await host.broker.ctl(
                "list_bindings", "-p", host.name, "-q", "--no-table-headers", "destination_name", "routing_key"
            ).split(separator: "\n").count { $0.hasPrefix("\(login).") && $0.hasSuffix("\t\(user).#") } >= count
        }
    }

    /// Waits until the team's archive has all that a person's archive has of their shared sessions.
    func archived(_ person: Playhead, within time: Duration = .seconds(60)) async throws {
        try await eventually("the team's archive has everything", within: time) {
            let own = try ArchiveReader(home: home(person)).sources()
            guard let team = try? ArchiveReader(home: teamHome).sources() else { return false }
            let heads = Dictionary(team.map { ($0.id, $0.head) }) { first, _ in first }
            return !own.isEmpty && own.allSatisfy { heads[$0.id] == $0.head }
        }
    }

    /// Whether the team's archive holds the same events as a person's.
    func holdsTheSame(as person: Playhead) throws -> Bool {
        let own = try ArchiveReader(home: home(person))
        let team = try ArchiveReader(home: teamHome)
        return try own.sources().allSatisfy { try own.events(of: $0.id) == team.events(of: $0.id) }
    }
}
