import AMQPBridge
import Archive
import Delivery
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
    private var cleanup = 0

    init(_ stage: Stage) throws {
        self.stage = stage
        root = stage.root.appendingPathComponent("team")
        home = ArchiveHome(root.appendingPathComponent("home"), of: .team)
        let node = PrivateNode(directory: root.appendingPathComponent("broker").path)
        self.node = node
        try FileManager.default.createDirectory(
            at: home.directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var team = TeamFile(archiverPassword: PasswordHash(of: password))
        try team.add("tester", password: PasswordHash(of: password))
        self.team = team
        var options = NodeOptions()
        options.definitions = TeamBroker.definitions(of: node)
        try node.prepare(options)
        _ = try TeamBroker.write(team, for: node)
        cleanup = Cleanup.add { _ = try? node.end() }
        place = try node.start()
    }

    /// Ends broker and archiver.
    func end() {
        killArchiver()
        Cleanup.now(cleanup)
    }

    func url(_ login: String) -> String {
        "amqp://\(login):\(password)@127.0.0.1:\(place.settings.ports.amqp)/\(BrokerNames.virtualHost)"
    }

    func startArchiver() throws {
        archivers += 1
        archiver = try stage.start(
            [Stage.playhead, "serve", "--json", "--broker", url(BrokerNames.archiver)], log: "serve.log",
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

    var said: String { String(stage.text(of: "serve.log").suffix(1500)) }

    func killBroker() throws { try node.kill9() }
    func startBroker() throws { place = try node.start() }

    /// The broker forgets everything it held, queues and messages.
    func emptyBroker() throws {
        try node.kill9()
        for name in ["mnesia", "db", "data"] {
            try? FileManager.default.removeItem(atPath: node.directory + "/" + name)
        }
        _ = try TeamBroker.write(team, for: node)
    }

    /// Puts the archive back as it was at `backup`; with nil, there is none any more.
    func restore(_ backup: URL?) throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: home.archive.path + suffix)
        }
        if let backup { try FileManager.default.copyItem(at: backup, to: home.archive) }
    }

    /// A copy of the archive of an archiver that does not run.
    func backup(_ name: String) throws -> URL {
        let file = root.appendingPathComponent(name)
        try FileManager.default.copyItem(at: home.archive, to: file)
        let log = home.archive.path + "-wal"
        if let left = try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int, left > 0 {
            throw CampaignFailure("an archiver that was asked to go left \(left) bytes in \(log)")
        }
        return file
    }
}
