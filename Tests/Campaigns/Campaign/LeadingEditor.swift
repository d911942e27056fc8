import Foundation
import TestSupport

/// A recorded Neovim that does random operations, one every few ms, and then rests somewhere in one of its files.
struct LeadingEditor {
    /// Where it came to rest.
    struct End {
        /// The buffers by the paths of their files.
        var texts: [String: [UInt8]]
        /// The file the cursor is in, and its byte offset.
        var file: String
        var cursor: Int

        /// What a follower shows otherwise; nil if nothing.
        func difference(from state: FollowingEditorState) -> String? {
            for (path, text) in texts.sorted(by: { $0.key < $1.key }) {
                guard let page = state.pages[path] else { return "\(path) is not there" }
                if page.text != text { return "\(path): \(page.text.count) bytes, the leader has \(text.count)" }
            }
            let name = URL(fileURLWithPath: file).lastPathComponent
            if state.shown != "@tester/\(name)" || state.tether != "retracted" {
                return "the window shows \(state.shown), \(state.tether); the leader is in \(name)"
            }
            let shown = state.pages[file]?.cursor
            return shown == cursor ? nil : "the cursor in \(name) is at \(shown ?? -1), the leader's at \(cursor)"
        }
    }

    private let stage: Stage
    private let process: Child
    private let paths: [String]
    private let go: String
    private let log: String

    init(_ stage: Stage, round: Int, operations: Int, seed: UInt64) throws {
        self.stage = stage
        log = "leader\(round).log"
        go = stage.file("go\(round)").path
        // Names of their own each round: a follower keeps what it has in view of those that are closed.
        for (name, text) in NeovimCampaign.files {
            try Data(text).write(to: stage.workspace.appendingPathComponent("r\(round)-\(name)"))
        }
        paths = NeovimCampaign.files.keys.sorted().map {
            stage.workspace.appendingPathComponent("r\(round)-\($0)").path
        }
        process = try stage.start(
            ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-S", NeovimCampaign.script], log: log,
            [
                "PLAYHEAD_FILES": paths.joined(separator: "\n"), "PLAYHEAD_PLUGIN": try DrivenEditor.plugin(stage),
                "PLAYHEAD_CHECK_EVERY": "20", "PLAYHEAD_GO": go, "PLAYHEAD_ROUNDS": String(operations),
                "PLAYHEAD_SEED": String(seed), "PLAYHEAD_STEP_MS": "3",
            ])
    }

    /// Waits until it has done everything.
    func finish() throws -> End {
        try waitUntil(300, every: 0.1, "Neovim has done everything: \(stage.text(of: log).suffix(500))") {
            process.status != nil || FileManager.default.fileExists(atPath: go + ".ready")
        }
        var texts: [String: [UInt8]] = [:]
        for path in paths {
            texts[path] = (try? Data(contentsOf: URL(fileURLWithPath: path + ".final"))).map { Array($0) }
        }
        let at = try String(contentsOfFile: go + ".cursor", encoding: .utf8).split(separator: "\n")
        guard !texts.isEmpty, at.count == 2, let cursor = Int(at[1]) else {
            throw CampaignFailure("Neovim left no text: \(stage.text(of: log).suffix(500))")
        }
        return End(texts: texts, file: String(at[0]), cursor: cursor)
    }

    func quit() throws {
        try Data().write(to: URL(fileURLWithPath: go))
        try stage.wait(for: process, 60, "the end of Neovim: \(stage.text(of: log).suffix(500))")
        let told = stage.text(of: log)
        guard !told.contains("playhead:") else { throw CampaignFailure("the editor says: \(told.suffix(500))") }
    }
}
