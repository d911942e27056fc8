import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation

/// A private broker with a team of one, and an archiver that can be killed and started again.
final class TeamStage {
    let home: ArchiveHome
    private let stage: Stage
    private let root: URL
    private let node: PrivateNode
    private let team: TeamFile
    private let password = "campaign"
    private var place: NodePlace
    private var archivers = 0
    private(set) var archiver: Child?
    /// Where the archiver connects, if not at the broker itself.
    var archiverPort: UInt16?
    /// What is added to each URL: `?heartbeat=2`.
    private let parameters: String
    private var cleanup = 0

    /// Starts the broker, and waits until it may be killed: RabbitMQ 3.10 loses a quorum queue that was declared for the
    /// first time a few seconds before a `kill -9`.
    ///
    /// - Parameter followers: people who may follow the tester.
    init(_ stage: Stage, parameters: String = "", followers: [String] = []) throws {
        self.stage = stage
        self.parameters = parameters
        root = stage.root.appendingPathComponent("team")
        home = ArchiveHome(root.appendingPathComponent("home"), of: .team)
        let node = PrivateNode(directory: root.appendingPathComponent("broker").path)
        self.node = node
        try FileManager.default.createDirectory(
            at: home.directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var team = TeamFile(archiverPassword: PasswordHash(of: password))
        try team.add("tester", password: PasswordHash(of: password))
        for follower in followers {
            try team.add(follower, password: PasswordHash(of: password))
            try team.grant(follower, "tester")
        }
        self.team = team
        // The archiver answers whom this file lets see.
        try team.save(to: home.directory.appendingPathComponent("team.toml").path)
        var options = NodeOptions()
        options.definitions = TeamBroker.definitions(of: node)
        try node.prepare(options)
        _ = try TeamBroker.write(team, for: node)
        cleanup = Cleanup.add { _ = try? node.end() }
        place = try node.start()
        Thread.sleep(forTimeInterval: Self.settling)
    }

    private static let settling = 4.0

    /// Ends broker and archiver.
    func end() {
        killArchiver()
        Cleanup.now(cleanup)
    }

    /// The broker's own port, the same for the stage's life.
    var port: UInt16 { place.settings.ports.amqp }

    func url(_ login: String, host: String = "127.0.0.1", port: UInt16? = nil) -> String {
        "amqp://\(login):\(password)@\(host):\(port ?? self.port)/\(BrokerNames.virtualHost)\(parameters)"
    }

    func startArchiver() throws {
        archivers += 1
        archiver = try stage.start(
            [Stage.playhead, "serve", "--json", "--broker", url(BrokerNames.archiver, port: archiverPort)],
            log: "serve.log",
            ["PLAYHEAD_HOME": home.directory.path])
    }

    func killArchiver() {
        archiver?.send(SIGKILL)
        while let archiver, archiver.status == nil { Thread.sleep(forTimeInterval: 0.005) }
        archiver = nil
    }

    /// Asks it to go, which must finish what is under way.
    func stopArchiver() throws {
        guard let archiver else { return }
        archiver.send(SIGTERM)
        let status = try stage.wait(for: archiver, 30, "the archiver's end; it said \(said)")
        guard status == 0 else { throw CampaignFailure("the archiver ended with \(status): \(said)") }
        self.archiver = nil
    }

    /// How the archiver's connection stands, in its own last word: `open`, `connecting`, `waiting: …`.
    var archiverState: String {
        JSONReader.lastObject(in: stage.text(of: "serve.log"))?["state"]?.string ?? ""
    }

    var said: String { String(stage.text(of: "serve.log").suffix(1500)) }

    func killBroker() throws { try node.kill9() }
    func startBroker() throws {
        place = try node.start()
        if isEmpty { Thread.sleep(forTimeInterval: Self.settling) }
        isEmpty = false
    }

    /// Whether the broker's queues are not declared yet.
    private var isEmpty = false

    /// The broker dies and forgets everything it held, queues and messages.
    func emptyBroker() throws {
        try node.kill9()
        isEmpty = true
        for name in ["mnesia", "db", "data"] {
            try? FileManager.default.removeItem(atPath: node.directory + "/" + name)
        }
        _ = try TeamBroker.write(team, for: node)
    }

    private static let files = ["", "-wal", "-shm"]

    /// Puts the archive back as it was at `backup`; with nil, there is none any more.
    func restore(_ backup: URL?) throws {
        for suffix in Self.files { try? FileManager.default.removeItem(atPath: home.archive.path + suffix) }
        if let backup { try copy(backup.path, to: home.archive.path) }
    }

    /// A copy of the archive while no archiver runs.
    func backup(_ name: String) throws -> URL {
        let file = root.appendingPathComponent(name)
        try copy(home.archive.path, to: file.path)
        return file
    }

    private func copy(_ from: String, to: String) throws {
        for suffix in Self.files where suffix.isEmpty || FileManager.default.fileExists(atPath: from + suffix) {
            try FileManager.default.copyItem(atPath: from + suffix, toPath: to + suffix)
        }
    }

    /// After an orderly end the archive is one file, which can be copied.
    func expectOneFile() throws {
        let log = home.archive.path + "-wal"
        if let left = try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int, left > 0 {
            throw CampaignFailure("an archiver that was asked to go left \(left) bytes in \(log)")
        }
    }
}

extension JSONReader {
    /// The last line that is a JSON object, whatever else was said.
    static func lastObject(in text: String) -> JSONValue? {
        text.split(separator: "\n").last { $0.hasPrefix("{") }.flatMap { try? read($0.utf8) }
    }
}
