import ArgumentParser
import EventSchema
import Foundation

/// Kills recorder, bridge and agent at random moments; nothing accepted may be missing, doubled or changed.
struct KillCampaign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill", abstract: "kill -9 of recorder, editor bridge and agent; the archive against a witness.")

    @OptionGroup var options: CampaignOptions

    func run() throws {
        try CampaignRun.carryOut("kill", options, rounds: 100) { run in
            var compared = 0
            while run.goesOn { compared += try KillScene(run).play() }
            run.note("\(compared) batches as the witness saw them")
        }
    }
}

/// A home with an editor and a shell, in which a few kills happen; then everything is compared.
private final class KillScene {
    private enum Victim: CaseIterable { case recorder, bridge, agent }

    /// An editor gives up a bridge that dies again and again; so few of them in one scene.
    private static let mostBridges = 3
    private static let kills = 10

    private let run: CampaignRun
    private let stage: Stage
    private let witness: Witness
    private let proxy: AgentProxy
    private let editor: DrivenEditor
    private var shells = 1
    private var recorders: [Int32] = []
    private var bridges: Set<Int32> = []
    private var shell: RecordedShell

    init(_ run: CampaignRun) throws {
        self.run = run
        stage = try Stage(isProxied: true)
        witness = try Witness(stage.file("witness"))
        proxy = try AgentProxy(stage, witness: witness)
        shell = try RecordedShell(stage, ["-q"])
        recorders = [shell.process.id]
        try waitUntil(30, "the recorder begins: \(shell.text)") { [witness] in witness.acceptedCount > 0 }
        editor = try DrivenEditor(stage, seed: run.random.next())
        bridges = Set(editor.bridge.map { [$0] } ?? [])
    }

    func play() throws -> Int {
        defer {
            proxy.end()
            stage.end()
        }
        var killed = 0
        for _ in 0..<Self.kills where run.goesOn {
            for _ in 0..<Int.random(in: 1...6, using: &run.random) {
                shell.work(&run.random)
                run.pause(0.005...0.15)
            }
            var victim = Victim.allCases.randomElement(using: &run.random) ?? .agent
            if victim == .bridge, killed == Self.mostBridges { victim = .agent }
            switch victim {
            case .recorder: try killRecorder()
            case .bridge:
                killed += 1
                try killBridge()
            case .agent: try killAgent()
            }
            run.finishRound("killed the \(victim); \(witness.acceptedCount) batches accepted so far")
        }
        return try compareAll()
    }

    private func killRecorder() throws {
        shell.process.send(SIGKILL)
        try stage.wait(for: shell.process, 10, "the death of the recorder")
        run.pause(0...0.3)
        shells += 1
        shell = try RecordedShell(stage, name: "shell\(shells)", ["-q"])
        recorders.append(shell.process.id)
    }

    private func killBridge() throws {
        try waitUntil(20, "the editor has a bridge") { [editor] in editor.bridge != nil }
        guard let bridge = editor.bridge else { return }
        kill(bridge, SIGKILL)
        try waitUntil(20, "the editor starts another bridge: \(editor.text)") { [editor] in
            editor.bridge.map { $0 != bridge } ?? false
        }
        if let next = editor.bridge { bridges.insert(next) }
    }

    private func killAgent() throws {
        try waitUntil(20, "there is an agent") { [stage] in !stage.processes(running: "agent").isEmpty }
        // Two may be starting; only one of them gets the lock, and any may die.
        for agent in stage.processes(running: "agent") { kill(agent, SIGKILL) }
        run.pause(0...0.5)
    }

    /// A source goes on under the next agent; nobody opens another one.
    private func expectOneSourceEach() throws {
        for process in recorders + bridges {
            let sources = witness.sources(of: process)
            guard sources.count <= 1 else { throw CampaignFailure("process \(process) opened the sources \(sources)") }
        }
        guard let last = witness.sources(of: shell.process.id).first else {
            throw CampaignFailure("the last recorder opened no source")
        }
        guard !witness.sourcesBehind().contains(last) else {
            throw CampaignFailure("the last recorder left before all of it was accepted")
        }
    }

    private func compareAll() throws -> Int {
        // The shell that is alive must be heard once more before it leaves.
        _ = try shell.responds()
        let status = try shell.exit()
        try expectOneSourceEach()
        guard status == 0 else { throw CampaignFailure("the recorder ended with \(status): \(shell.text.suffix(500))") }
        try stage.expectTexts(of: editor)
        let compared = try ArchiveAudit(stage.archiveHome, witness).compare(with: witness)
        try editor.quit()
        try waitUntil(30, "the bridge hands over and ends") { [stage] in stage.processes(running: "editor").isEmpty }
        for verb in [["seal"], ["rebuild"]] {
            let done = try stage.run(verb)
            guard done.status == 0 else { throw CampaignFailure("\(verb[0]): \(done.output)") }
        }
        _ = try ArchiveAudit(stage.archiveHome, witness).compare(with: witness)
        try stage.expectSound()
        if stage.text(of: "home/agent.log").contains("error") {
            CampaignRun.say(stage.text(of: "home/agent.log"))
        }
        return compared
    }
}
