import AMQPBridge
import EventSchema
import Foundation

extension TeamFile {
    /// Reads what `toml` gives, or what somebody has edited.
    ///
    /// - Throws: `TeamError(.malformed)` with the line.
    public init(toml: String) throws(TeamError) {
        let text: ConfigText
        do throws(ConfigError) {
            text = try ConfigText(Array(toml.utf8))
        } catch {
            throw TeamError(.malformed, "\(error)", underlying: error)
        }
        var archiver: PasswordHash?
        var administrator: PasswordHash?
        var passwords: [String: PasswordHash] = [:]
        var grants: [(follower: String, list: [String], line: Int)] = []
        var host = BrokerNames.virtualHost
        var removed: Set<String> = []
        var broker: AMQPURL?
        for entry in text.settings {
            switch (entry.path.count, entry.path.first, entry.path.last, entry.value) {
            case (1, "virtual-host", _, .string(let name)): host = name
            case (1, "broker", _, .string(let text)): broker = try Self.url(text, entry.line)
            case (1, "removed", _, .strings(let names)): removed = Set(names)
            case (2, "archiver", "password", .string(let text)): archiver = try Self.hash(text, entry.line)
            case (2, "administrator", "password", .string(let text)): administrator = try Self.hash(text, entry.line)
            case (3, "people", "password", .string(let text)):
                passwords[entry.path[1]] = try Self.hash(text, entry.line)
            case (3, "people", "follows", .strings(let list)): grants.append((entry.path[1], list, entry.line))
            default:
                throw Self.malformed(
                    "'\(entry.path.joined(separator: "."))' is not known, or has another kind of value", entry.line)
            }
        }
        guard let archiver else { throw TeamError(.malformed, "the archiver's password is missing") }
        self.init(virtualHost: host, archiverPassword: archiver)
        self.broker = broker
        administratorPassword = administrator
        for table in text.tables where table.path.first == "people" && table.path.count == 2 {
            let name = table.path[1]
            guard let password = passwords[name] else { throw Self.malformed("'\(name)' has no password", table.line) }
            do { try add(name, password: password) } catch { throw Self.malformed(error.message, table.line) }
        }
        for name in passwords.keys where people[name] == nil {
            throw TeamError(.malformed, "[people.\(name)] is missing")
        }
        for (follower, list, line) in grants {
            for item in list { try readGrant(follower, item, line) }
        }
        // Somebody taken out and added again is in.
        self.removed = removed.filter { people[$0] == nil && BrokerNames.isUserName($0) }
    }

    /// A grant is `"alice"`, or `"alice:SESSION"` for one session.
    private mutating func readGrant(_ follower: String, _ text: String, _ line: Int) throws(TeamError) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        var sessions: Set<SessionID> = []
        if parts.count == 2 {
            guard let identifier = Identifier(parts[1]) else {
                throw Self.malformed("'\(parts[1])' is no session", line)
            }
            sessions = [SessionID(identifier)]
        }
        do {
            try grant(follower, parts.first ?? "", sessions: sessions)
        } catch {
            throw Self.malformed(error.message, line)
        }
    }

    private static func url(_ text: String, _ line: Int) throws(TeamError) -> AMQPURL {
        do { return try AMQPURL(text) } catch { throw malformed("no broker's URL: \(error)", line) }
    }

    private static func hash(_ text: String, _ line: Int) throws(TeamError) -> PasswordHash {
        guard let hash = PasswordHash(text) else { throw malformed("this is no password's hash", line) }
        return hash
    }

    private static func malformed(_ message: String, _ line: Int) -> TeamError {
        TeamError(.malformed, "line \(line): \(message)")
    }

    /// The file's text; reading it gives the same team.
    public var toml: String {
        var lines = [
            "# Who records here and who may follow whom. `playhead team` writes this file and tells the broker;",
            "# after a change by hand: playhead team apply", "",
            "virtual-host = \(ConfigValue.quoted(virtualHost))",
        ]
        if let broker { lines.append("broker = \(ConfigValue.quoted("\(broker.withoutCredentials)"))") }
        if !removed.isEmpty { lines.append("removed = \(Self.list(removed.sorted()))") }
        lines += ["", "[archiver]", "password = \"\(archiverPassword)\""]
        if let administratorPassword { lines += ["", "[administrator]", "password = \"\(administratorPassword)\""] }
        for (name, person) in people.sorted(by: { $0.key < $1.key }) {
            lines += ["", "[people.\(name)]", "password = \"\(person.password)\""]
            let grants = person.follows.sorted { $0.key < $1.key }.flatMap { user, grant in
                switch grant {
                case .everything: [user]
                case .sessions(let sessions): sessions.sorted().map { "\(user):\($0)" }
                }
            }
            if !grants.isEmpty { lines.append("follows = \(Self.list(grants))") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func list(_ texts: [String]) -> String {
        "[\(texts.map { ConfigValue.quoted($0) }.joined(separator: ", "))]"
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: `TeamError`: `.noTeam` if there is none, `.unreadable`, `.malformed`.
    public init(path: String) throws(TeamError) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw TeamError(.noTeam, "there is no team in \(path); make one: playhead team init")
        }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw TeamError(.unreadable, "cannot read \(path): it belongs to another account")
        }
        do throws(TeamError) {
            try self.init(toml: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw TeamError(error.code, "\(path): \(error.message)", underlying: error)
        }
    }

    /// Replaces the file at `path`, for its owner only; whoever reads sees the old one or the new one.
    ///
    /// - Throws: `TeamError(.unreadable)`.
    public func save(to path: String) throws(TeamError) {
        do throws(NodeError) {
            try PrivateFile.write(Data(toml.utf8), path)
        } catch {
            throw TeamError(.unreadable, error.message, underlying: error)
        }
    }
}
