import Capture
import EventSchema
import Foundation
import Testing

@Suite(.serialized) struct NeovimTests {
    private func mirror(_ sink: CollectingSink) throws -> EditorMirror {
        var mirror = EditorMirror()
        for body in sink.bodies { try mirror.apply(body) }
        return mirror
    }

    /// - Parameter quits: at its end; else Neovim goes on, and fires its own events, until the commands say so.
    private func script(_ commands: String, quits: Bool = true) -> String {
        """
        vim.cmd("source " .. os.getenv("PLAYHEAD_PLUGIN"))
        local function keys(s) vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(s, true, false, true), "tx", false) vim.wait(5) end
        \(commands)
        \(quits ? "vim.cmd('qa!')" : "")
        """
    }

    @Test("random operations: the mirrored text is the buffer's at every check, without a resync")
    func fuzz() async throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["PLAYHEAD_SEED"] ?? String(Int.random(in: 0...99_999))
        let rounds = environment["PLAYHEAD_ROUNDS"] ?? "200"
        print("neovim: seed \(seed), \(rounds) rounds")
        let directory = try TestDirectory()
        let files = [
            try directory.write("w/plain.py", "def f(x):\n    return x\n".utf8),
            try directory.write("w/uni.txt", "été 🎉 e\u{301}\u{327}\n日本語 👩‍💻\n\nende".utf8),
            try directory.write("w/dos.txt", "eins\r\nzwei é\r\n🎉 drei\r\n".utf8),
        ]
        let sink = CollectingSink()
        let result = try await NeovimHarness.run(
            script: NeovimHarness.file("Tests/Campaigns/nvim-fuzz/fuzz.lua"), in: directory,
            environment: [
                "PLAYHEAD_FILES": files.joined(separator: "\n"), "PLAYHEAD_SEED": seed, "PLAYHEAD_ROUNDS": rounds,
            ]
        ) { _ in EditorTarget(session: "s", sink: sink) }
        #expect(result.saidBye)
        #expect(result.reports == [])
        let mirror = try mirror(sink)
        #expect(mirror.resyncs == 0)
        #expect(mirror.edits > 50 && mirror.hashes > 3)
        for file in files {
            let final = try #require(FileManager.default.contents(atPath: file + ".final"))
            let number = try #require(mirror.paths.filter { $0.value == file }.keys.max())
            #expect(mirror.texts[number] == MaskedText(Array(final), masking: SecretText()).masked, "\(file)")
        }
    }

    @Test("what a person does: origins, save, save as, reload, close")
    func ordinary() async throws {
        let directory = try TestDirectory()
        let file = try directory.write("w/a.py", "def f(x):\n    return x\n".utf8)
        let lua = try directory.write(
            "s.lua",
            script(
                """
                vim.cmd("edit \(file)")
                keys("Gox = 'été🎉'<Esc>") keys("u") keys("<C-r>") keys("yyp") vim.paste({ "ein", "gefügt" }, -1) keys("gg")
                vim.cmd("silent write") vim.cmd("silent saveas! \(directory.path)/w/b.py") keys("dd") vim.cmd("silent write")
                vim.fn.writefile({ "neu" }, "\(directory.path)/w/b.py") vim.cmd("silent edit!") vim.wait(5)
                """
            ).utf8)
        let sink = CollectingSink()
        let result = try await NeovimHarness.run(script: lua, in: directory) { _ in
            EditorTarget(session: "s", sink: sink)
        }
        #expect(result.reports == [] && result.saidBye)
        let bodies = sink.bodies
        let origins = Set(bodies.compactMap { if case .edit(let edit) = $0 { edit.origin } else { nil } })
        #expect(origins.isSuperset(of: [.typed, .undo, .redo, .paste, .external]))
        #expect(bodies.filter { if case .documentSaved = $0 { true } else { false } }.count >= 2)
        let mirror = try mirror(sink)
        #expect(mirror.paths[1] == "\(directory.path)/w/b.py")
        #expect(mirror.texts[1] == Array("neu\n".utf8))
        #expect(mirror.resyncs == 0)
        guard case .documentClosed = bodies.last else {
            Issue.record("the last event is \(String(describing: bodies.last))")
            return
        }
    }

    @Test(
        "a cursor that stays in its line and column while text changes is told again: those who watch moved theirs",
        arguments: [(1, 0), (2, 8)])
    func cursorThatStays(line: Int, offset: UInt64) async throws {
        let directory = try TestDirectory()
        let file = try directory.write("w/a.txt", "one\ntwo\n".utf8)
        let lua = try directory.write(
            "s.lua",
            script(
                """
                vim.cmd("edit \(file)") vim.api.nvim_win_set_cursor(0, { \(line), 0 })
                vim.defer_fn(function()
                  vim.api.nvim_buf_set_lines(0, 0, 1, false, { "another" }) vim.api.nvim_win_set_cursor(0, { \(line), 0 })
                end, 300)
                vim.defer_fn(function() vim.cmd("qa!") end, 900)
                """, quits: false
            ).utf8)
        let sink = CollectingSink()
        let result = try await NeovimHarness.run(script: lua, in: directory) { _ in
            EditorTarget(session: "s", sink: sink)
        }
        #expect(result.reports == [] && result.saidBye)
        let bodies = sink.bodies
        let edit = try #require(bodies.lastIndex { if case .edit = $0 { true } else { false } })
        let cursors = bodies[edit...].compactMap { body in
            if case .selections(let cursor) = body { cursor.selections.map(\.head) } else { nil }
        }
        #expect(cursors.last == [offset])
    }

    @Test("no text of a private file, and nothing of a file outside, comes out of the editor")
    func privacy() async throws {
        let directory = try TestDirectory()
        let secret = try directory.write("w/.env", "PASSWORT=hunter2\n".utf8)
        let open = try directory.write("w/a.txt", "a\n".utf8)
        let lua = try directory.write(
            "s.lua",
            script(
                "vim.cmd('edit \(secret)') keys('ohunter3<Esc>') vim.cmd('silent w') vim.cmd('edit \(open)') keys('ob<Esc>')"
            ).utf8)
        let sink = CollectingSink()
        let rules = IgnoreRules(root: directory.path + "/w")
        _ = try await NeovimHarness.run(script: lua, in: directory) { path in
            EditorTarget(session: "s", sink: sink, privateBecause: rules.isPrivate(path))
        }
        #expect(!sink.bodies.map { "\($0)" }.joined().contains("hunter"))
        #expect(try mirror(sink).texts.values.map { $0 } == [Array("a\nb\n".utf8)])
    }

    @Test("without a recorder the editor works and says nothing")
    func none() async throws {
        let directory = try TestDirectory()
        let file = try directory.write("a.txt", "a\n".utf8)
        let lua = try directory.write(
            "s.lua", script("vim.cmd('edit \(file)') keys('ob<Esc>') vim.cmd('silent w')").utf8)
        let sink = CollectingSink()
        let result = try await NeovimHarness.run(
            script: lua, in: directory, environment: ["PLAYHEAD_BIN": "/nonexistent"]
        ) { _ in
            EditorTarget(session: "s", sink: sink)
        }
        #expect(directory.read("a.txt") == Array("a\nb\n".utf8))
        #expect(sink.bodies.isEmpty && !result.output.contains("playhead"))
    }
}
