import EventSchema
import Foundation
import Integrations
import TestSupport

/// A real Neovim or Emacs with its part of `init`, whose child tells the lines given instead of following somebody.
struct FollowingEditorHarness {
    enum Kind: String, CaseIterable, Sendable {
        case neovim, emacs
    }

    struct Result {
        var state: FollowingEditorState
        /// What `probe` of the script wrote.
        var said: [String]
        /// What the plug-in asked its child for.
        var asked: String
        var output: String
    }

    /// The last line of every child: what comes before has been taken when it shows.
    static let told: JSONValue = ["do": "status", "live": false, "over": false, "text": "told"]

    let kind: Kind
    let directory: TestDirectory

    init(_ kind: Kind) throws {
        self.kind = kind
        directory = try TestDirectory()
    }

    /// Runs a script in the editor and gives its output. `PLAYHEAD_PLUGIN` is there.
    func run(_ scripts: [String], environment: [String: String] = [:]) throws -> String {
        let plugin = try directory.write(
            kind == .neovim ? "playhead.lua" : "playhead.el", kind == .neovim ? Integrations.neovim : Integrations.emacs
        )
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            switch kind {
            case .neovim:
                ["timeout", "120", "nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n"]
                    + scripts.flatMap { ["-S", $0] } + ["+qa!"]
            case .emacs: ["timeout", "120", "emacs", "-Q", "--batch", "-l", plugin] + scripts.flatMap { ["-l", $0] }
            }
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            .merging(["PLAYHEAD_PLUGIN": plugin]) { $1 }
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }

    /// Follows a child that tells these lines.
    ///
    /// - Parameter script: of the editor's language, gives with `Said(text)` or `(said text)` what is to be looked at.
    func follow(_ lines: [JSONValue], then script: String = "") throws -> Result {
        let told = (lines + [Self.told]).map { $0.encoded + "\n" }.joined()
        let file = try directory.write("lines", told.utf8)
        // The recording part starts one too.
        let child = try directory.write(
            "child",
            """
            #!/bin/sh
            [ "$1" = follow ] || exec cat >/dev/null
            cat '\(file)'
            exec cat >'\(directory.path)/asked'

            """.utf8)
        chmod(child, 0o700)
        let folder = directory.path + "/probe"
        let name = kind == .neovim ? "lua" : "el"
        let probe = NeovimHarness.file("Tests/Campaigns/follow-editors/probe.\(name)")
        let setting = kind == .emacs ? "(setq playhead-program \"\(child)\")" : ""
        let before = try directory.write("before.\(name)", setting.utf8)
        let after = try directory.write("after.\(name)", self.script(script, folder).utf8)
        let output = try run(
            [before, probe, after],
            environment: ["PLAYHEAD_BIN": child, "PLAYHEAD_WHOM": "@alice", "PLAYHEAD_SOCKETS": directory.path])
        return Result(
            state: try FollowingEditorState(folder: folder),
            said: try String(contentsOfFile: "\(folder)/said", encoding: .utf8).split(separator: "\n").map(String.init),
            asked: directory.read("asked").map { String(decoding: $0, as: UTF8.self) } ?? "", output: output)
    }

    private func script(_ script: String, _ folder: String) -> String {
        switch kind {
        case .neovim:
            """
            local said = {}
            function Said(value) said[#said + 1] = tostring(value) end
            vim.wait(60000, function() return require("playhead.leader").words():find("told") ~= nil end, 5)
            local pages, marks = require("playhead.pages"), require("playhead.marks")
            \(script)
            Probe.write("\(folder)")
            vim.fn.writefile(said, "\(folder)/said")
            """
        case .emacs:
            """
            (defvar all nil)
            (defun said (value) (push (format "%s" value) all))
            (with-timeout (60) (while (not (equal playhead--status "behind: told")) (accept-process-output nil 0.02)))
            \(script)
            (probe-write "\(folder)")
            (with-temp-file "\(folder)/said"
              (dolist (line (reverse all)) (insert line "\\n")))
            """
        }
    }
}
