import AMQPBridge
import EventSchema
import Foundation
import TestSupport
import Testing

/// The files of `compose/`, as far as they can be tried without Docker and systemd.
@Suite(.serialized) struct ComposeTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("compose")

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// The lists after `key:` in compose.yaml, without the word that says how they are run.
    private static func lists(_ key: String) throws -> [String] {
        try text("compose.yaml").split(separator: "\n").compactMap { line in
            let line = line.drop { $0 == " " }
            guard line.hasPrefix(key + ": ") else { return nil }
            let words = try JSONReader.read(line.dropFirst(key.count + 2).utf8).array?.compactMap(\.string) ?? []
            return words.last
        }
    }

    /// What systemd's `/bin/sh -c '…'` runs.
    private static func unitLines() throws -> [String] {
        let folder = folder.appendingPathComponent("systemd")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().flatMap { name in
            try text("systemd/\(name)").split(separator: "\n").filter { $0.hasPrefix("Exec") }.map { line in
                let command = line.drop { $0 != "=" }.dropFirst()
                guard command.hasPrefix("/bin/sh -c '"), command.hasSuffix("'") else { return String(command) }
                return String(command.dropFirst("/bin/sh -c '".count).dropLast())
            }
        }
    }

    @Test func composeAndSystemdRunTheSameLines() throws {
        let units = try Self.unitLines()
        let lines = try Self.lists("test") + Self.lists("command")
        #expect(lines.count == 2)
        for line in lines { #expect(units.contains(line), "\(line)") }
    }

    @Test func theHealthCheckKnowsASoundBroker() async throws {
        let broker = try await TestBroker.own()
        let line = try #require(try Self.lists("test").first)
        let playhead = try Playhead()
        var variables = try broker.node.toolVariables()
        variables["PATH"] = "/usr/lib/rabbitmq/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        func check() async throws -> Int32 {
            try await playhead.run(["-c", line], program: "/bin/sh", environment: variables).status
        }
        #expect(try await check() == 0)
        try await broker.alarm(.memory)
        #expect(try await check() != 0)
        try await broker.alarm(.memory, false)
        #expect(try await check() == 0)
        try await broker.stop()
        #expect(try await check() != 0)
    }

    @Test func theBrokersUnitStartsAndStopsOne() async throws {
        let playhead = try Playhead()
        let node = PrivateNode(directory: playhead.archiveHome.path + "/broker")
        defer { _ = try? node.end() }
        let lines = try Self.unitLines().filter { $0.hasPrefix("playhead broker") }
        #expect(lines.count == 2)
        for line in lines {
            let outcome = try await playhead.shell(line)
            #expect(outcome.status == 0, "\(line): \(outcome.error)")
            #expect(try node.status().isReady == line.hasSuffix("start"))
        }
    }

    /// The lines of README.md that make a team's files, and a broker that loads them.
    @Test func theDefinitionsAreAWholeBroker() async throws {
        let playhead = try Playhead()
        let file = playhead.workspace.appendingPathComponent("definitions.json").path
        let made = try await playhead.run(
            [
                "team", "init", "--file", "team.toml", "--broker", "amqps://broker.example.org", "--administrator",
                "--definitions", file,
            ])
        #expect(made.status == 0, "\(made.error)")
        let printed = try await playhead.run(["team", "definitions", "--file", "team.toml"])
        #expect(try printed.output == String(contentsOfFile: file, encoding: .utf8))
        #expect(printed.output.contains("delivery-limit"), "version 4 is assumed")
        let older = try await playhead.run(["team", "definitions", "--file", "team.toml", "--broker-version", "3"])
        try Data(older.output.utf8).write(to: URL(fileURLWithPath: file))

        let broker = PrivateNode(directory: playhead.home.file("broker").path)
        defer { _ = try? broker.end() }
        let place = try await onThread {
            try broker.start(NodeOptions(plugins: [.management], definitions: file))
        }
        for line in made.lines {
            var url = try AMQPURL(String(line.drop { $0 != "=" }.dropFirst()))
            #expect(url.usesTLS && url.host == "broker.example.org")
            url = AMQPURL(
                host: "127.0.0.1", port: place.settings.ports.amqp, user: url.user, password: url.password,
                virtualHost: url.virtualHost)
            let connection = try await AMQPConnection.open(AMQPOptions(url: url, connectionName: "compose"))
            await connection.close()
        }
        #expect(made.lines.count == 2)
        // The administrator who was printed manages it over HTTP.
        let password = try AMQPURL(String(made.lines[1].drop { $0 != "=" }.dropFirst())).password ?? ""
        let management = "http://administrator:\(password)@127.0.0.1:\(place.settings.ports.management)"
        let environment = ["PLAYHEAD_MANAGEMENT": management]
        for arguments in [["add", "alice"], ["add", "bob"], ["grant", "bob", "alice"], ["remove", "bob"]] {
            let outcome = try await playhead.run(
                ["team"] + arguments + ["--file", "team.toml"], environment: environment)
            #expect(outcome.status == 0, "\(arguments): \(outcome.error)")
        }
        let users = try await onThread { try broker.control(["list_users"]) }
        #expect(users.contains("f-alice") && !users.contains("bob"), "\(users)")
        let wrong = ["PLAYHEAD_MANAGEMENT": "http://administrator:no@127.0.0.1:\(place.settings.ports.management)"]
        #expect(try await playhead.run(["team", "apply", "--file", "team.toml"], environment: wrong).status == 77)
    }
}
