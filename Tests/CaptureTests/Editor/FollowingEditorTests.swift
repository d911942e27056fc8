import EventSchema
import Foundation
import TestSupport
import Testing

/// The plug-ins that follow, with the lines of `docs/EDITOR-FOLLOW.md` as their child tells them.
@Suite(.serialized) struct FollowingEditorTests {
    private typealias Harness = FollowingEditorHarness

    private func document(
        _ text: [UInt8], _ id: String = "a:d1", path: String = "/w/src/a.py", private hidden: Bool = false
    ) -> JSONValue {
        [
            "do": "document", "id": .string(id), "path": .string(path), "name": .string("@alice" + path.dropFirst(2)),
            "language": "python", "private": .bool(hidden), "text": EventJSON.text(text),
        ]
    }

    private func cursor(_ selections: [[Int]], _ id: String = "a:d1") -> JSONValue {
        let list = selections.map { JSONValue.array($0.map { .integer(Int64($0)) }) }
        return ["do": "cursor", "id": .string(id), "selections": .array(list), "first_line": 0, "last_line": 20]
    }

    private func edit(_ offset: Int, _ removed: Int, _ text: [UInt8]) -> JSONValue {
        [
            "do": "edit", "id": "a:d1", "offset": .integer(Int64(offset)), "removed": .integer(Int64(removed)),
            "text": EventJSON.text(text),
        ]
    }

    @Test(
        "random edits of difficult bytes: the buffer has the leader's text and cursor",
        arguments: FollowingEditorHarness.Kind.allCases)
    func fuzz(_ kind: FollowingEditorHarness.Kind) throws {
        let seed = UInt64.random(in: 0...999_999)
        print("\(kind): seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let words: [[UInt8]] =
            ["x", "foo bar", "été", "🎉", "e\u{301}\u{327}", "👩‍💻日本語", "\t", "\r", "\0", "\n", "\n", "\r\n", ""]
            .map { Array($0.utf8) }
            + [[0xFF, 0xFE], [0xC3], [0xA9], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]
        var text = Array("def f(x):\n    return x\n".utf8)
        var lines = [document(text), ["do": "focus", "id": "a:d1"]]
        var head = 0
        func isInner(_ offset: Int) -> Bool { text.indices.contains(offset) && text[offset] & 0xC0 == 0x80 }
        for _ in 0..<800 {
            var start = Int.random(in: 0...text.count, using: &random)
            var end = min(text.count, start + [0, 0, 0, 1, 2, 5, 40].randomElement(using: &random)!)
            // Most edits are between characters; those that are not must come out right too.
            if Int.random(in: 0..<8, using: &random) > 0 {
                while start > 0, isInner(start) { start -= 1 }
                while end < text.count, isInner(end) { end += 1 }
            }
            if Int.random(in: 0..<100, using: &random) == 0 { (start, end) = (0, text.count) }
            var inserted: [UInt8] = []
            for _ in 0..<Int.random(in: 0...5, using: &random) { inserted += words.randomElement(using: &random)! }
            text.replaceSubrange(start..<end, with: inserted)
            lines.append(edit(start, end - start, inserted))
            if text.count > 3000 {
                text = []
                lines.append(document(text))
            }
            head = Int.random(in: 0...text.count, using: &random)
            while head > 0, isInner(head) { head -= 1 }
            lines.append(cursor([[Int.random(in: 0...text.count, using: &random), head]]))
        }
        // Where a line end is the text's last byte, a Neovim buffer has no place behind it.
        text.append(UInt8(ascii: "!"))
        lines += [edit(text.count - 1, 0, [UInt8(ascii: "!")]), cursor([[head, head]])]
        let result = try Harness(kind).follow(lines)
        #expect(result.state.refused == 0 && result.state.edits == 801, "\(result.output)")
        let page = try #require(result.state.pages["/w/src/a.py"])
        #expect(page.text == text)
        if !isInner(head) { #expect(page.cursor == head) }
        #expect(result.state.shown == "@alice/src/a.py" && result.state.tether == "retracted")
    }

    @Test(
        "documents, selections, a private file, the shell, and an edit that does not fit",
        arguments: FollowingEditorHarness.Kind.allCases)
    func shown(_ kind: FollowingEditorHarness.Kind) throws {
        let text = Array("def f():\n    return 'é'\n".utf8)
        let script =
            switch kind {
            case .neovim:
                """
                local page = pages.byId["a:d1"]
                Said(vim.api.nvim_buf_get_name(page.buf))
                Said(vim.bo[page.buf].filetype)
                Said(tostring(vim.bo[page.buf].modifiable) .. vim.bo[page.buf].undolevels .. vim.bo[page.buf].buftype)
                for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(page.buf, marks.space, 0, -1, { details = true })) do
                  if mark[4].hl_group == "PlayheadLeaderSelection" then
                    Said(mark[2] .. ":" .. mark[3] .. "-" .. mark[4].end_row .. ":" .. mark[4].end_col)
                  end
                end
                local note = vim.api.nvim_buf_get_extmark_by_id(
                  pages.byId["a:d2"].buf, marks.space, marks.NOTE, { details = true })
                Said(note[3].virt_text[1][1])
                local asked = os.getenv("PLAYHEAD_SOCKETS") .. "/asked"
                vim.wait(5000, function() return vim.fn.getfsize(asked) > 0 end, 5)
                """
            case .emacs:
                """
                (with-current-buffer "*@alice/src/a.py*"
                  (said major-mode)
                  (said (list buffer-read-only buffer-undo-list buffer-file-name))
                  (dolist (overlay (overlays-in (point-min) (point-max)))
                    (when (eq (overlay-get overlay 'face) 'playhead-leader-selection)
                      (said (list (overlay-start overlay) (overlay-end overlay))))))
                (with-current-buffer "*@alice/src/secret.py*" (said (playhead--header)))
                (let ((asked (expand-file-name "asked" (getenv "PLAYHEAD_SOCKETS"))))
                  (with-timeout (5)
                    (while (= 0 (or (file-attribute-size (file-attributes asked)) 0))
                      (accept-process-output nil 0.01))))
                """
            }
        let result = try Harness(kind).follow(
            [
                ["do": "status", "live": true, "over": false, "text": ""],
                document(text), cursor([[4, 20], [0, 0]]), ["do": "focus", "id": "a:d1"],
                document([], "a:d2", path: "/w/src/secret.py", private: true),
                edit(1000, 1, []),
                ["do": "something new", "id": "a:d1", "more": [1]],
                [
                    "do": "terminal", "id": "b:t1", "name": "@alice/shell", "lines": ["$ 日本 x", "", ""], "row": 0,
                    "column": 4, "alternate": false,
                ],
                ["do": "focus", "id": "b:t1"],
            ], then: script)
        #expect(result.state.pages["/w/src/a.py"]?.text == text)
        #expect(result.state.pages["/w/src/a.py"]?.cursor == 20)
        #expect(result.state.shown == "@alice/shell")
        let shell = try #require(result.state.pages["@alice/shell"])
        #expect(String(decoding: shell.text, as: UTF8.self).hasPrefix("$ 日本 x"))
        #expect(shell.cursor == 5)
        #expect(result.asked == "a:d1\n" && result.state.refused == 1)
        switch kind {
        case .neovim:
            #expect(
                result.said == [
                    "playhead://@alice/src/a.py", "python", "false-1nofile", "0:4-1:11",
                    "private: only that it is open is told",
                ], "\(result.output)")
        case .emacs:
            #expect(
                result.said == [
                    "python-mode", "(t t nil)", "(5 21)", "@alice/src/secret.py (private)  behind: told | following",
                ], "\(result.output)")
        }
    }

    @Test("the Emacs part compiles without a warning") func compiles() throws {
        let harness = try Harness(.emacs)
        let script = """
            (setq byte-compile-error-on-warn t)
            (princ (if (byte-compile-file (getenv "PLAYHEAD_PLUGIN")) "compiled" "not compiled"))
            """
        let output = try harness.run([try harness.directory.write("compile.el", script.utf8)])
        #expect(output.hasSuffix("compiled") && !output.hasSuffix("not compiled"), "\(output)")
    }

    /// One's own move, and the leader's to where one looks or not, at these milliseconds.
    private static let steps: [(event: String, time: Int, isVisible: Bool, after: String)] = [
        ("leader", 0, false, "retracted go"), ("own", 100, false, "extended"), ("leader", 200, true, "extended"),
        ("leader", 1100, false, "retracted go"), ("own", 2000, false, "extended"), ("own", 2500, false, "extended"),
        ("leader", 3499, false, "disconnected"), ("own", 3600, false, "disconnected"),
        ("leader", 9000, false, "disconnected"), ("leader", 9000, true, "disconnected"),
        ("tie", 9100, false, "retracted go"),
        ("leader", 9200, true, "retracted go"), ("own", 9300, true, "extended"), ("tie", 9400, false, "retracted go"),
        ("own", 9500, false, "extended"), ("cut", 9600, false, "disconnected"),
        ("leader", 20000, false, "disconnected"),
    ]

    @Test("the tether", arguments: FollowingEditorHarness.Kind.allCases)
    func tether(_ kind: FollowingEditorHarness.Kind) throws {
        let harness = try Harness(kind)
        var script: String
        switch kind {
        case .neovim:
            script = """
                vim.g.playhead_disabled = 1
                vim.cmd("source " .. os.getenv("PLAYHEAD_PLUGIN"))
                local step, now, action = require("playhead.tether").step, { state = "retracted" }, nil

                """
            for step in Self.steps {
                script += """
                    now, action = step(now, "\(step.event)", \(step.time), \(step.isVisible))
                    io.stdout:write(now.state .. (action and " " .. action or "") .. "\\n")

                    """
            }
        case .emacs:
            script = "(setq now '(retracted))\n"
            for step in Self.steps {
                script += """
                    (let* ((visible \(step.isVisible ? "t" : "nil"))
                           (next (playhead-tether-step now '\(step.event) \(Double(step.time) / 1000) visible)))
                      (setq now (car next))
                      (princ (format "%s%s\\n" (car now) (if (cdr next) (format " %s" (cdr next)) ""))))

                    """
            }
        }
        let output = try harness.run([try harness.directory.write(kind == .neovim ? "t.lua" : "t.el", script.utf8)])
        #expect(output.split(separator: "\n").map(String.init) == Self.steps.map(\.after), "\(output)")
    }
}
