import Foundation
import Integrations
import TestSupport

/// A real editor on a screen of its own, which follows the tester with the plug-in.
final class FollowingEditor {
    enum Kind: String, CaseIterable {
        case neovim, emacs
    }

    let kind: Kind
    private let stage: Stage
    private let environment: [String: String]
    private static let probes = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("follow-editors")

    init(_ kind: Kind, _ stage: Stage, broker: String) throws {
        self.kind = kind
        self.stage = stage
        let plugin = stage.file(kind == .neovim ? "playhead.lua" : "playhead.el")
        try Data(kind == .neovim ? Integrations.neovim : Integrations.emacs).write(to: plugin, options: .atomic)
        environment = [
            "PLAYHEAD_BROKER": broker, "PLAYHEAD_WHOM": "@tester", "PLAYHEAD_PLUGIN": plugin.path,
            "PLAYHEAD_SOCKETS": stage.file("tmp").path, "TMUX": "", "TMUX_TMPDIR": stage.file("tmp").path,
            "TERM": "xterm-256color",
        ]
        let editor =
            switch kind {
            case .neovim:
                ["nvim", "-u", "NONE", "-i", "NONE", "-n", "--listen", socket, "-S", Self.probe("probe.lua")]
            case .emacs:
                [
                    "emacs", "-nw", "-Q", "--eval", "(setq playhead-program \"\(Stage.playhead)\")", "-l", plugin.path,
                    "-l", Self.probe("probe.el"),
                ]
            }
        // Few lines, so that there is more than fits.
        try tmux(["-f", "/dev/null", "new-session", "-d", "-x", "90", "-y", "14"] + editor)
        try waitUntil(60, "\(kind) follows: \((try? screen) ?? "")") { (try? state().words.contains("LIVE")) == true }
    }

    private static func probe(_ name: String) -> String { probes.appendingPathComponent(name).path }
    private var socket: String { stage.file("tmp/\(kind == .neovim ? "nvim" : "emacs")").path }

    /// What is on its screen.
    var screen: String { get throws { try tmux(["capture-pane", "-p"]) } }

    /// Presses keys, as tmux names them.
    func press(_ keys: String...) throws { try tmux(["send-keys"] + keys) }

    /// Gives a command line of the editor.
    func command(_ neovim: String, _ emacs: String) throws {
        switch kind {
        case .neovim: try press(":", neovim, "Enter")
        case .emacs: try press("M-x", emacs, "Enter")
        }
    }

    @discardableResult
    private func tmux(_ arguments: [String]) throws -> String {
        try run(["tmux", "-L", "\(kind)"] + arguments, "tmux \(arguments)")
    }

    private func run(_ arguments: [String], _ what: String) throws -> String {
        let log = "ask-\(UUID().uuidString.prefix(8))"
        let asking = try stage.start(arguments, log: log, environment)
        defer { try? FileManager.default.removeItem(at: stage.file(log)) }
        let status = try stage.wait(for: asking, 30, "an answer of \(kind) to \(what)")
        guard status == 0 else { throw CampaignFailure("\(kind) refuses \(what): \(stage.text(of: log))") }
        return stage.text(of: log)
    }

    /// A file that the last look left.
    func probe(_ name: String) -> String { stage.file("probe-\(kind)").appendingPathComponent(name).path }

    func state() throws -> FollowingEditorState {
        let folder = stage.file("probe-\(kind)")
        try? FileManager.default.removeItem(at: folder)
        switch kind {
        case .neovim:
            _ = try run(
                ["nvim", "--server", socket, "--remote-expr", "luaeval('Probe.write(\"\(folder.path)\")')"], "a probe")
        case .emacs:
            _ = try run(["emacsclient", "-s", socket, "--eval", "(probe-write \"\(folder.path)\")"], "a probe")
        }
        return try FollowingEditorState(folder: folder.path)
    }
}
