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
    func url(_ login: String) -> String {
        "amqp://\(login):\(Self.password)@127.0.0.1:\(host.url.port)/\(host.name)"
    }

    /// Somebody with a home of their own.
    func person(_ name: String, _ more: [String: String] = [:]) throws -> Playhead {
        try Playhead(["USER": name].merging(more) { $1 })
    }

    private func home(_ playhead: Playhead) -> ArchiveHome { ArchiveHome(playhead.archiveHome) }
    var teamHome: ArchiveHome { ArchiveHome(archiver.archiveHome, of: .team) }

    func serve(_ name: String = "serve") throws -> RunningProgram {
        try RunningProgram(
            ["serve", "--json", "--broker", url("archiver")], environment: archiver.environment,
            directory: archiver.workspace, output: archiver.home.file("\(name).log"))
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
