import ArgumentParser
import EventSchema
import Foundation
import Model

/// Random operations in Neovim, through the real bridge and agent; the archive's text is the buffer's.
struct NeovimCampaign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nvim", abstract: "Random operations in Neovim on difficult text; the archive against the buffers."
    )

    @OptionGroup var options: CampaignOptions

    @Option(help: "Operations in a round.")
    var operations = 2000

    static let files: [String: [UInt8]] = [
        "plain.py": Array("def f(x):\n    return x\n\nprint(f(2))\n".utf8),
        "uni.txt": Array("été 🎉 e\u{301}\u{327}\n日本語 👩‍💻\n\nﷺ ende".utf8),
        "dos.txt": Array("eins\r\nzwei é\r\n🎉 drei\r\n".utf8),
        "latin.txt": Array("caf".utf8) + [0xE9] + Array("\nna".utf8) + [0xEF] + Array("ve\n".utf8),
        "empty.txt": [],
    ]

    static var script: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("nvim-fuzz/fuzz.lua").path
    }

    func run() throws {
        try CampaignRun.carryOut("nvim", options, rounds: 5) { run in
            run.more = " --operations \(operations)"
            while run.goesOn { try round(run) }
        }
    }

    /// A file whose text in the archive is not the buffer's.
    private static func difference(_ paths: [String], in stage: Stage) throws -> String? {
        let texts = try ArchiveAudit(stage.archiveHome).texts()
        for path in paths {
            guard let final = try? Data(contentsOf: URL(fileURLWithPath: path + ".final")) else { continue }
            guard texts[path] != Array(final) else { continue }
            return "\(path): \(texts[path]?.count ?? -1) bytes in the archive, \(final.count) in the buffer"
        }
        return nil
    }

    private func round(_ run: CampaignRun) throws {
        let stage = try Stage(isProxied: false)
        defer { stage.end() }
        for (name, text) in Self.files { try Data(text).write(to: stage.workspace.appendingPathComponent(name)) }
        let shell = try RecordedShell(stage, ["-q"])
        _ = try shell.responds()
        let go = stage.file("go").path
        let paths = Self.files.keys.sorted().map { stage.workspace.appendingPathComponent($0).path }
        let editor = try stage.start(
            ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-S", Self.script], log: "editor.log",
            [
                "PLAYHEAD_FILES": paths.joined(separator: "\n"), "PLAYHEAD_PLUGIN": try DrivenEditor.plugin(stage),
                "PLAYHEAD_CHECK_EVERY": "20", "PLAYHEAD_GO": go,
                "PLAYHEAD_ROUNDS": String(operations),
                "PLAYHEAD_SEED": String(UInt64.random(in: 1...1_000_000, using: &run.random)),
            ])
        try waitUntil(300, every: 0.1, "Neovim has done everything: \(stage.text(of: "editor.log").suffix(500))") {
            editor.status != nil || FileManager.default.fileExists(atPath: go + ".ready")
        }
        // An editor that leaves waits for its bridge a moment only; here it stays until all has arrived.
        var different: String?
        try waitUntil(120, every: 0.5, "the archive has the texts: \(different ?? "")") {
            different = try Self.difference(paths, in: stage)
            return different == nil
        }
        try Data().write(to: URL(fileURLWithPath: go))
        try stage.wait(for: editor, 60, "the end of Neovim: \(stage.text(of: "editor.log").suffix(500))")
        try waitUntil(60, "the bridge hands over and ends") { stage.processes(running: "editor").isEmpty }
        let told = stage.text(of: "editor.log")
        guard !told.contains("playhead:") else { throw CampaignFailure("the editor says: \(told.suffix(500))") }
        let audit = try ArchiveAudit(stage.archiveHome)
        if let difference = try Self.difference(paths, in: stage) { throw CampaignFailure(difference) }
        let compared = paths.count { FileManager.default.fileExists(atPath: $0 + ".final") }
        guard compared > 0 else { throw CampaignFailure("Neovim left no text: \(told.suffix(500))") }
        guard audit.resyncs.isEmpty else {
            throw CampaignFailure("\(audit.resyncs.count) resyncs: \(audit.resyncs.prefix(3))")
        }
        guard audit.droppedGaps == 0 else { throw CampaignFailure("edits are missing: \(audit.droppedGaps) gaps") }
        let events = audit.events(of: .editor)
        let edits = events.count { if case .edit = $0.event.body { true } else { false } }
        let saves = events.count { if case .documentSaved = $0.event.body { true } else { false } }
        // Each hash of a save or close is compared with the text again, from what is stored.
        try stage.expectSound()
        _ = try shell.exit()
        run.finishRound("\(operations) operations, \(edits) edits, \(saves) saves, \(compared) texts equal, resyncs 0")
    }
}
