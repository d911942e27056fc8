import AMQPBridge
import Archive
import ArgumentParser
import Delivery
import EventSchema
import Foundation

/// Where a team's file and its private broker are.
struct TeamOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The team's file; $PLAYHEAD_HOME/team.toml if not given.", valueName: "path"))
    var file: String?

    @Option(help: ArgumentHelp("The private broker's; $PLAYHEAD_HOME/broker if not given.", valueName: "path"))
    var directory: String?

    func place(_ settings: Settings) -> TeamPlace {
        let home = settings.home.directory.path
        return TeamPlace(
            file: file ?? "\(home)/team.toml", node: PrivateNode(directory: directory ?? "\(home)/broker"))
    }
}

/// A team's file, the private broker it may have, and the passwords known here.
struct TeamPlace {
    var file: String
    var node: PrivateNode

    var exists: Bool { FileManager.default.fileExists(atPath: file) }
    func load() throws -> TeamFile { try TeamFile(path: file) }
    func save(_ team: TeamFile) throws { try team.save(to: file) }

    /// A new team of one person, for a broker of one's own.
    func makeTeam(_ settings: Settings, virtualHost: String = BrokerNames.virtualHost) throws -> TeamFile {
        try settings.home.create()
        let passwords = [BrokerNames.archiver: RandomText.make(24), settings.user: RandomText.make(24)]
        var team = TeamFile(
            virtualHost: virtualHost, archiverPassword: PasswordHash(of: passwords[BrokerNames.archiver] ?? ""))
        try team.add(settings.user, password: PasswordHash(of: passwords[settings.user] ?? ""))
        try remember(passwords)
        try save(team)
        return team
    }

    // Passwords of the private broker only: whoever reads this file owns that broker anyway.

    private var passwordFile: String { node.directory + "/logins.json" }

    /// The password of a login of the private broker, as far as it was made here.
    func password(of login: String) -> String? {
        guard let bytes = FileManager.default.contents(atPath: passwordFile) else { return nil }
        return (try? JSONDecoder().decode([String: String].self, from: bytes))?[login]
    }

    func remember(_ passwords: [String: String]) throws {
        try node.prepare()
        let bytes = FileManager.default.contents(atPath: passwordFile) ?? Data("{}".utf8)
        let known = (try? JSONDecoder().decode([String: String].self, from: bytes)) ?? [:]
        let all = JSONValue.object(
            known.merging(passwords) { $1 }.sorted { $0.key < $1.key }.map { (key: $0.key, value: .string($0.value)) })
        try PrivateFile.write(Data(all.encoded.utf8), passwordFile)
    }

    /// How `login` reaches the team's virtual host on the private broker; nil if its password is not known here.
    func url(of login: String, team: TeamFile) throws -> AMQPURL? {
        guard var url = try node.status().place?.url else { return nil }
        if login != url.user {
            guard let password = password(of: login) else { return nil }
            url.user = login
            url.password = password
        }
        url.explicitVirtualHost = team.virtualHost
        return url
    }
}

extension AMQPURL {
    /// With the password: for whom it belongs to.
    var textWithPassword: String {
        var place = self
        place.user = nil
        let text = place.description
        guard let user, let password, let start = text.range(of: "://")?.upperBound else { return description }
        return text[..<start] + ManagementAPI.escaped(user) + ":" + ManagementAPI.escaped(password) + "@"
            + text[start...]
    }
}
