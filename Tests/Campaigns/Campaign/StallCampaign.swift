import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation

/// The agent is stopped in mid-recording: nobody waits for it, the person is told, everything arrives afterwards.
struct StallCampaign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stall",
        abstract: "The agent is stopped and goes on; a recorder that ends meanwhile; a deleted index.")

    /// Far above what a busy machine needs, far below what a person takes for a hang.
    private static let longestAnswer = Duration.seconds(5)

    @OptionGroup var options: CampaignOptions

    func run() throws {
        try CampaignRun.carryOut("stall", options, rounds: 10) { run in
            var slowest = Duration.zero
            while run.goesOn { slowest = max(slowest, try round(run)) }
            run.note("slowest answer of a shell or an editor while its agent stood still: \(slowest.milliseconds) ms")
        }
    }

    private func round(_ run: CampaignRun) throws -> Duration {
        let stage = try Stage(isProxied: true)
        let witness = try Witness(stage.file("witness"))
        let proxy = try AgentProxy(stage, witness: witness)
        defer {
            proxy.end()
            stage.end()
        }
        let shell = try RecordedShell(stage, ["-q"])
        try waitUntil(30, "the recorder begins: \(shell.text)") { witness.acceptedCount > 0 }
        let editor = try DrivenEditor(stage, seed: run.random.next())
        let leaver = try RecordedShell(stage, name: "leaver", ["-q"])
        _ = try leaver.responds()
        for _ in 0..<5 { shell.work(&run.random) }
        run.pause(0...0.5)
        guard let agent = stage.processes(running: "agent").first else { throw CampaignFailure("there is no agent") }
        kill(agent, SIGSTOP)
        let before = try editor.count()
        var slowest = Duration.zero
        for _ in 0..<8 {
            slowest = max(slowest, try shell.responds())
            let start = ContinuousClock.now
            _ = try editor.count()
            slowest = max(slowest, .now - start)
            run.pause(0.1...0.5)
        }
        guard slowest < Self.longestAnswer else {
            throw CampaignFailure("an answer took \(slowest) while the agent stood still")
        }
        guard try editor.count() > before else { throw CampaignFailure("the editor stood still with the agent") }
        try waitUntil(20, "the shell's person is told: \(shell.text.suffix(500))") {
            shell.text.contains("does not answer")
        }
        try waitUntil(20, "the editor's person is told: \(editor.text)") {
            try editor.messages().contains("does not answer")
        }
        leaver.type("echo last words")
        let left = try leaver.exit()
        guard left == 0 else { throw CampaignFailure("a recorder that could not hand over ended with \(left)") }
        let unsent = UnsentBatches.waiting(in: stage.home).flatMap(\.batches)
        for batch in unsent { witness.sent(batch.encoded) }
        guard !unsent.isEmpty else { throw CampaignFailure("the recorder that ended left nothing for the next agent") }
        let dies = run.chance(2)
        kill(agent, dies ? SIGKILL : SIGCONT)
        try waitUntil(40, "everything arrives: \(witness.sourcesBehind())") {
            let behind = witness.sourcesBehind()
            return behind.isEmpty || behind == witness.sources(of: leaver.process.id)
        }
        try waitUntil(40, "the next agent takes what waits in files") {
            try FileManager.default.contentsOfDirectory(atPath: stage.home.appendingPathComponent("unsent").path)
                .isEmpty
        }
        try deleteIndex(stage, shell, run)
        _ = try shell.responds()
        let status = try shell.exit()
        guard status == 0 else { throw CampaignFailure("the recorder ended with \(status)") }
        try stage.expectTexts(of: editor)
        let audit = try ArchiveAudit(stage.archiveHome, witness)
        let compared = try audit.compare(with: witness)
        try expectLastWords(of: leaver, audit, witness)
        guard audit.droppedGaps == 0 else { throw CampaignFailure("events were dropped though little waited") }
        try editor.quit()
        try stage.expectSound()
        run.finishRound(
            "the agent \(dies ? "died" : "went on"); \(compared) batches; slowest answer \(slowest.milliseconds) ms")
        return slowest
    }

    private func expectLastWords(of leaver: RecordedShell, _ audit: ArchiveAudit, _ witness: Witness) throws {
        let sources = witness.sources(of: leaver.process.id)
        let closed = audit.events(of: .terminal).contains { timed in
            if case .sourceClosed = timed.event.body { sources.contains(timed.address.source) } else { false }
        }
        guard closed else { throw CampaignFailure("the end of the recorder that left is not in the archive") }
    }

    /// An index that somebody deletes while it is followed is filled again.
    private func deleteIndex(_ stage: Stage, _ shell: RecordedShell, _ run: CampaignRun) throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: stage.archiveHome.index.path + suffix)
        }
        shell.work(&run.random)
        try waitUntil(20, "the index is filled again") {
            let list = try stage.run(["ls", "--json"])
            return list.status == 0 && list.output.contains("\"commands\":") && !list.output.contains("\"commands\":0")
        }
    }
}
