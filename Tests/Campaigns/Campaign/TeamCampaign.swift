import Archive
import ArgumentParser
import EventSchema
import Foundation

/// Kills recorder, agent, archiver and broker, empties the broker, puts older archives back; the team's archive must end
/// with every accepted batch once.
struct TeamCampaign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "team",
        abstract: "kill -9 of recorder, agent, archiver and broker; the team's archive against a witness.")

    @OptionGroup var options: CampaignOptions

    func run() throws {
        try CampaignRun.carryOut("team", options, rounds: 60) { run in
            var compared = 0
            while run.goesOn { compared += try TeamScene(run).play() }
            run.note("\(compared) batches in the team's archive as the witness saw them")
        }
    }
}

/// A person who records, a broker, an archiver; a few things go wrong, then everything is compared.
private final class TeamScene {
    private enum Mishap: CaseIterable {
        case agent, archiver, broker, emptyBroker, restoredArchive, recorder, brokerAway
    }

    private static let mishaps = 8

    private let run: CampaignRun
    private let stage: Stage
    private let team: TeamStage
    private let witness: Witness
    private let proxy: AgentProxy
    private var shell: RecordedShell
    private var shells = 1
    private var backups: [URL] = []

    init(_ run: CampaignRun) throws {
        self.run = run
        stage = try Stage(isProxied: true, ["PLAYHEAD_AGENT_IDLE": "600"])
        witness = try Witness(stage.file("witness"))
        proxy = try AgentProxy(stage, witness: witness)
        team = try TeamStage(stage)
        try team.startArchiver()
        shell = try RecordedShell(stage, ["-q", "--broker", team.url("tester")])
        try waitUntil(30, "the recorder begins: \(shell.text)") { [witness] in witness.acceptedCount > 0 }
    }

    func play() throws -> Int {
        defer {
            proxy.end()
            team.end()
            stage.end()
        }
        for _ in 0..<Self.mishaps where run.goesOn {
            work()
            let mishap = Mishap.allCases.randomElement(using: &run.random) ?? .agent
            try befall(mishap)
            work()
            run.finishRound("\(mishap); \(witness.acceptedCount) batches accepted so far")
        }
        return try compareAll()
    }

    private func work() {
        for _ in 0..<Int.random(in: 1...8, using: &run.random) {
            shell.work(&run.random)
            run.pause(0.005...0.1)
        }
    }

    private func befall(_ mishap: Mishap) throws {
        switch mishap {
        case .recorder:
            shell.process.send(SIGKILL)
            try stage.wait(for: shell.process, 10, "the death of the recorder")
            shells += 1
            shell = try RecordedShell(stage, name: "shell\(shells)", ["-q", "--broker", team.url("tester")])
        case .agent:
            try waitUntil(20, "there is an agent") { [stage] in !stage.processes(running: "agent").isEmpty }
            for agent in stage.processes(running: "agent") { kill(agent, SIGKILL) }
            run.pause(0...0.5)
        case .archiver:
            team.killArchiver()
            run.pause(0...0.3)
            try team.startArchiver()
        case .broker:
            try team.killBroker()
            run.pause(0...0.3)
            try team.startBroker()
        case .brokerAway:
            try team.killBroker()
            work()
            run.pause(1...5)
            try team.startBroker()
        case .emptyBroker:
            try team.emptyBroker()
            work()
            try team.startBroker()
        case .restoredArchive:
            try team.stopArchiver()
            if run.chance(3) {
                try team.restore(nil)
            } else if let older = backups.randomElement(using: &run.random) {
                try team.restore(older)
            }
            if FileManager.default.fileExists(atPath: team.home.archive.path) {
                backups.append(try team.backup("backup\(backups.count)"))
            }
            if run.chance(2) { _ = try stage.run(["seal"]) }
            try team.startArchiver()
        }
    }

    private func compareAll() throws -> Int {
        _ = try shell.responds()
        let status = try shell.exit()
        guard status == 0 else { throw CampaignFailure("the recorder ended with \(status): \(shell.text.suffix(500))") }
        // What was typed while the agent was away waits for the next one.
        _ = try stage.run(["status"])
        try waitUntil(150, every: 0.2, "the team's archive has everything; \(missing)\n\(team.said)") {
            _ = try? stage.run(["ls"])
            return missing.isEmpty
        }
        let compared = try ArchiveAudit(team.home, witness).compare(with: witness)
        let reader = try ArchiveReader(home: team.home)
        guard let finding = try Verification(of: reader).findings.first else { return compared }
        throw CampaignFailure("the team's archive: \(finding)")
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
