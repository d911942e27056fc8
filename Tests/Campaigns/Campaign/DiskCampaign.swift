import ArgumentParser
import Foundation

/// The archive's disk fills up in mid-recording; what was accepted stays, what came since is stored once there is room.
struct DiskCampaign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disk", abstract: "The disk fills up and is given room again (needs root: it mounts a small one).")

    @OptionGroup var options: CampaignOptions

    func run() throws {
        try CampaignRun.carryOut("disk", options, rounds: 10) { run in
            while run.goesOn { try round(run) }
        }
    }

    private func round(_ run: CampaignRun) throws {
        let disk = try SmallDisk(bytes: 8 << 20)
        let stage = try Stage(isProxied: true, home: disk.folder.appendingPathComponent("home"))
        let witness = try Witness(stage.file("witness"))
        let proxy = try AgentProxy(stage, witness: witness)
        defer {
            proxy.end()
            stage.end()
        }
        let shell = try RecordedShell(stage, ["-q"])
        try waitUntil(30, "the recorder begins: \(shell.text)") { witness.acceptedCount > 0 }
        let editor = try DrivenEditor(stage, seed: run.random.next())
        let room = Int.random(in: 100_000...600_000, using: &run.random)
        try disk.fill(leaving: room)
        try waitUntil(
            60, every: 0.05,
            "the person is told; accepted \(witness.acceptedCount), room \(disk.freeBytes): \(shell.text.suffix(800))"
        ) {
            shell.type("seq 1 3000")
            return shell.text.contains("disk is full")
        }
        let accepted = witness.acceptedCount
        guard shell.text.contains(stage.home.path) else {
            throw CampaignFailure("the message does not name the disk: \(shell.text.suffix(500))")
        }
        try waitUntil(20, "the editor's person is told: \(editor.text)") {
            try editor.messages().contains("disk is full")
        }
        let answered = try shell.responds()
        run.pause(0.2...1.5)
        for _ in 0..<5 { shell.work(&run.random) }
        try disk.makeRoom()
        try waitUntil(30, "what waited is stored") {
            witness.acceptedCount > accepted && witness.sourcesBehind().isEmpty
        }
        try waitUntil(10, "the person is told that it goes on: \(shell.text.suffix(800))") {
            shell.text.contains("stored again")
        }
        _ = try shell.responds()
        let status = try shell.exit()
        guard status == 0 else { throw CampaignFailure("the recorder ended with \(status)") }
        try stage.expectTexts(of: editor)
        let audit = try ArchiveAudit(stage.archiveHome, witness)
        let compared = try audit.compare(with: witness)
        guard audit.droppedGaps == 0 else { throw CampaignFailure("events were dropped though little waited") }
        try stage.expectSound()
        try editor.quit()
        run.finishRound(
            "\(room / 1024) KiB were left, \(compared) batches, the shell answered in \(answered.milliseconds) ms when full"
        )
    }
}

extension Duration {
    var milliseconds: Int { Int(self / .milliseconds(1)) }
}
