import Archive
import Delivery
import EventSchema
import Foundation
import TestSupport

/// A person whose shell and editor are recorded and shared with a team; broker, archiver and both networks can be broken
/// by whoever plays with it. Everything is compared at the end.
final class SharedRecording {
    let stage: Stage
    let team: TeamStage
    let witness: Witness
    /// Between the person's agent and the broker.
    let agentLine: FaultProxy
    /// Between the archiver and the broker.
    let archiverLine: FaultProxy
    private let run: CampaignRun
    /// Where the person finds the broker.
    private let host: String
    private let proxy: AgentProxy
    private let tap: PublishedTap
    private var sessions = 0
    private(set) var shells = 0
    private(set) var shell: RecordedShell
    private(set) var editor: DrivenEditor
    /// The text of each file when its editor was left.
    private var texts: [String: [UInt8]] = [:]

    /// - Parameters:
    ///   - parameters: of the broker's URLs: `?heartbeat=2`.
    ///   - network: the person is on the other machine.
    init(_ run: CampaignRun, parameters: String = "", network: TwoMachines? = nil) throws {
        self.run = run
        host = network == nil ? "127.0.0.1" : TwoMachines.here
        stage = try Stage(isProxied: true, elsewhere: network?.elsewhere ?? [], ["PLAYHEAD_AGENT_IDLE": "600"])
        witness = try Witness(stage.file("witness"))
        proxy = try AgentProxy(stage, witness: witness)
        team = try TeamStage(stage, parameters: parameters)
        let tap = PublishedTap(exchange: BrokerNames.events)
        self.tap = tap
        agentLine = try FaultProxy(to: team.port, on: host) { connection, direction, bytes in
            if direction == .toServer { tap.take(connection, bytes) }
        }
        archiverLine = try FaultProxy(to: team.port)
        team.archiverPort = archiverLine.port
        try team.startArchiver()
        (shell, editor) = try Self.begin(
            run, stage, team.url("tester", host: host, port: agentLine.port), session: 1)
        (sessions, shells) = (1, 1)
    }

    private var url: String { team.url("tester", host: host, port: agentLine.port) }

    private static func begin(_ run: CampaignRun, _ stage: Stage, _ url: String, session: Int) throws -> (
        RecordedShell, DrivenEditor
    ) {
        let shell = try RecordedShell(stage, name: "shell\(session)-1", ["-q", "--broker", url])
        _ = try shell.responds()
        let editor = try DrivenEditor(
            stage, name: "editor\(session)", files: ["main\(session).py", "notes\(session).txt"],
            seed: run.random.next(), milliseconds: 20)
        return (shell, editor)
    }

    func end() {
        proxy.end()
        agentLine.end()
        archiverLine.end()
        team.end()
        stage.end()
    }

    // MARK: What the person does

    /// Types a few commands; the editor goes on by itself.
    func work() {
        for _ in 0..<Int.random(in: 1...8, using: &run.random) {
            shell.work(&run.random)
            run.pause(0.005...0.1)
        }
    }

    /// Much output at once.
    func flood(bytes: Int) { shell.type("head -c \(bytes) /dev/urandom | base64 -w 100") }

    /// The recorder dies; another one is started.
    func killRecorder() throws {
        shell.process.send(SIGKILL)
        try stage.wait(for: shell.process, 10, "the death of the recorder")
        shells += 1
        shell = try RecordedShell(
            stage, name: "shell\(sessions)-\(shells)", ["-q", "--broker", url])
    }

    func killBridge() throws {
        try waitUntil(60, "the editor has a bridge") { [editor] in editor.bridge != nil }
        if let bridge = editor.bridge { kill(bridge, SIGKILL) }
    }

    /// Leaves editor and shell; the session has ended when this returns.
    func endSession() throws {
        try awaitAgent()
        try stage.expectTexts(of: editor)
        texts.merge(try editor.texts()) { $1 }
        try editor.quit()
        try waitUntil(60, "the bridge hands over and ends") { [stage] in stage.processes(running: "editor").isEmpty }
        try awaitAgent()
        _ = try shell.responds()
        let status = try shell.exit()
        guard status == 0 else { throw CampaignFailure("the recorder ended with \(status): \(shell.text.suffix(500))") }
        try waitUntil(60, every: 0.2, "the session ends: \(agentStatus.map { "\($0)" } ?? "no agent")") {
            agentStatus?["sessions"]?.array?.isEmpty ?? false
        }
    }

    /// Shell and editor of a new session.
    func beginSession() throws {
        sessions += 1
        shells = 1
        (shell, editor) = try Self.begin(run, stage, url, session: sessions)
    }

    /// Nobody stands still because the team is away.
    func expectAnswers() throws {
        _ = try shell.responds()
        let before = try editor.count()
        try waitUntil(30, "the editor goes on") { [editor] in try editor.count() > before }
    }

    // MARK: The agent

    /// Whether everything in the person's archive has come out of an agent's connection.
    var isAllSent: Bool {
        let sent = tap.sent
        return (try? ArchiveReader(home: stage.archiveHome).sources().allSatisfy { sent[$0.id] ?? 0 >= $0.head.seq })
            ?? false
    }

    var agents: [Int32] { stage.processes(running: "agent") }

    func awaitAgent() throws {
        try waitUntil(40, "there is an agent") { agentStatus?["process"] != nil }
    }

    /// What `status --json` says; nil while no agent answers.
    var agentStatus: JSONValue? {
        guard let answer = try? stage.run(["status", "--json"]), answer.status == 0,
            let status = JSONReader.lastObject(in: answer.output), status["process"] != nil
        else { return nil }
        return status
    }

    /// How the agent's relay stands, in its own word: `connected`, `waiting`, `blocked`, `unroutable`.
    var relayState: String { agentStatus?["relays"]?[0]?["state"]?.string ?? "" }

    /// Kills the agent.
    ///
    /// - Returns: how many batches of its archive had not come out of any agent's connection; nil if that cannot be told.
    func killAgent() throws -> UInt64? {
        try stage.withoutAgents {
            // More than once: one may have been about to start.
            try waitUntil(10, "the death of the agent") {
                for agent in agents { kill(agent, SIGKILL) }
                return agents.isEmpty
            }
            // What it had written to its connections is heard to the end.
            let deadline = ContinuousClock.now + .seconds(3)
            while agentLine.open > 0 {
                guard ContinuousClock.now < deadline else { return nil }
                Thread.sleep(forTimeInterval: 0.005)
            }
            let sent = tap.sent
            return try ArchiveReader(home: stage.archiveHome).sources().reduce(0) { sum, source in
                let out = sent[source.id] ?? 0
                return sum + (source.head.seq > out ? source.head.seq - out : 0)
            }
        }
    }

    // MARK: The end

    /// The team's archive has all that the person's has.
    func awaitArchived() throws {
        try waitUntil(240, every: 0.2, "the team's archive has everything; \(missing)\n\(team.said)") {
            // What was left in files waits for an agent.
            _ = try? stage.run(["ls"])
            return missing.isEmpty
        }
    }

    /// Ends the session; then the team's archive must have every accepted batch once, and every text.
    ///
    /// - Returns: how many batches and texts were compared.
    func compareAll() throws -> (batches: Int, texts: Int) {
        try endSession()
        try awaitArchived()
        let audit = try ArchiveAudit(team.home, witness)
        let compared = try audit.compare(with: witness)
        let stored = audit.texts()
        for (path, text) in texts where stored[path] != text {
            throw CampaignFailure(
                "the team's archive has \(stored[path]?.count ?? -1) bytes of \(path), the editor \(text.count)")
        }
        let reader = try ArchiveReader(home: team.home)
        if let finding = try Verification(of: reader).findings.first {
            throw CampaignFailure("the team's archive: \(finding)")
        }
        return (compared, texts.count)
    }

    /// Sources of which the team's archive does not have all that the person's has.
    private var missing: String {
        guard let own = try? ArchiveReader(home: stage.archiveHome).sources() else { return "no archive" }
        guard let theirs = try? ArchiveReader(home: team.home).sources() else { return "no team's archive" }
        let heads = Dictionary(theirs.map { ($0.id, $0.head.seq) }) { max($0, $1) }
        return own.filter { heads[$0.id] != $0.head.seq }
            .map { "\($0.kind) \($0.id): \(heads[$0.id] ?? 0) of \($0.head.seq)" }.joined(separator: ", ")
    }
}
