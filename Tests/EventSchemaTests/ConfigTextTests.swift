import EventSchema
import Foundation
import TestSupport
import Testing

/// The part of TOML that settings are written in.
@Suite struct ConfigTextTests {
    private func text(_ string: String) throws -> ConfigText { try ConfigText(Array(string.utf8)) }
    private func string(_ text: ConfigText) -> String { String(decoding: text.bytes, as: UTF8.self) }

    @Test func everyKindOfValueIsRead() throws {
        let config = try text(
            """
            # mine
            title = "a \\"b\\" \\u00e9\\t\\U0001F389" # behind
            'literal key' = 'C:\\path'
            idle.limit = 2.5
            count = -1_000
            big = 1e3\r
            [publish]
            always = false
              [a."b c".d] # nested
            names = [ "x", # first
              'y',

            ]
            none = []
            """)
        #expect(config["title"] == .string("a \"b\" é\t🎉"))
        #expect(config["literal key"] == .string("C:\\path"))
        #expect(config["idle", "limit"]?.number == 2.5)
        #expect(config["count"]?.integer == -1000)
        #expect(config["big"]?.number == 1000)
        #expect(config["publish", "always"]?.boolean == false)
        #expect(try config.strings("a", "b c", "d", "names") == ["x", "y"])
        #expect(config["a", "b c", "d", "none"] == .strings([]))
        #expect(config["publish", "never"] == nil)
        #expect(config.line(of: ["publish", "always"]) == 8)
    }

    @Test(arguments: [
        (1, "a"), (1, "a ="), (1, "a = b"), (1, "= 1"), (2, "a = 1\na = 2"), (2, "[t]\n[t]"), (3, "\n[t]\na.b = 1 2"),
        (1, "a = \"x"), (1, "a = \"\\q\""), (1, "a = \"\\ud800\""), (1, "a = \"\u{1}\""), (1, "a = [\"x\""),
        (1, "a = [\"x\" \"y\"]"), (1, "a = 012"), (1, "a = 1__0"), (1, "a = 99999999999999999999"), (1, "a = 1\rb = 2"),
        (2, "a.b = 1\n[a]"), (2, "a = 1\n[a.b]"), (3, "[a.b]\n[a]\nb.c = 1"), (1, "[a"), (1, "[]"), (1, "a = 1 [b]"),
        (1, "a = \"\"\"x\"\"\""), (1, "a = {b = 1}"), (1, "[[a]]"), (1, "a = [1]"), (1, "a = 1979-05-27"),
        (1, "a = 07:32:00"), (1, "a = 0x10"), (1, "a = inf"), (1, "a = 1."), (1, "a = +"),
    ])
    func aMistakeIsRefusedWithItsLine(line: Int, source: String) throws {
        let error = try #require(throws: ConfigError.self) { try text(source) }
        #expect(error.line == line, "\(source): \(error)")
    }

    @Test func aChangeLeavesEveryOtherByteAsItIs() throws {
        let before =
            "# mine\n\n[workspaces] # where\non = [\n    \"/a\", # first\n    \"/b\", # second\n]\n\nx = 1\n[z]\n"
        var config = try text(before)
        try config.add("/c", to: ["workspaces", "on"])
        #expect(
            string(config)
                == before.replacingOccurrences(of: "    \"/b\", # second", with: "    \"/b\",\n    \"/c\", # second"))
        try config.remove("/c", from: ["workspaces", "on"])
        #expect(try config.strings("workspaces", "on") == ["/a", "/b"])
        try config.remove("/a", from: ["workspaces", "on"])
        #expect(try config.strings("workspaces", "on") == ["/b"])
        #expect(string(config).contains("# first") && string(config).contains("# second"))
        try config.set(["z", "new key"], to: .boolean(true))
        #expect(string(config).hasSuffix("x = 1\n[z]\n\"new key\" = true\n"))
    }

    @Test func arraysOnOneLineStayOnOne() throws {
        var config = try text("on = []")
        try config.add("a", to: ["on"])
        try config.add("b", to: ["on"])
        try config.add("b", to: ["on"])
        try config.add("c", to: ["on"])
        #expect(string(config) == "on = [\"a\", \"b\", \"c\"]")
        try config.remove("b", from: ["on"])
        #expect(string(config) == "on = [\"a\", \"c\"]")
        try config.remove("c", from: ["on"])
        #expect(string(config) == "on = [\"a\"]")
        try config.remove("a", from: ["on"])
        #expect(string(config) == "on = []")
    }

    @Test func newSettingsFindTheirTable() throws {
        var config = try text("")
        try config.set(["a", "x"], to: .integer(1))
        try config.set(["b"], to: .string("é\n"))
        try config.set(["a", "y"], to: .number(0.5))
        #expect(string(config) == "b = \"é\\n\"\n[a]\nx = 1\ny = 0.5\n")
        try config.set(["a", "x"], to: .integer(2))
        #expect(string(config) == "b = \"é\\n\"\n[a]\nx = 2\ny = 0.5\n")
        var dotted = try text("a.x = 1\n[b]")
        try dotted.set(["a", "y"], to: .integer(2))
        #expect(string(dotted) == "a.x = 1\na.y = 2\n[b]")
    }

    @Test func noBytesTrapAndNoChangeBreaksAFile() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("config: seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let words = [
            "a", "b.c", "\"q\"", "=", " ", "\n", "[", "]", "[t]\n", ",", "\"", "'", "\\u00", "\\", "#", "true", "1.5",
            "-3", "é", "\u{FF}", "[\"x\", \"y\"]", "[\n  \"x\", # c\n  'y'\n]", "a = 1\n", "k = [\"x\"]\n", "\r\n",
            "\t",
        ]
        var changed = 0
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0..<14, using: &generator)).flatMap { _ in
                Array(words.randomElement(using: &generator)?.utf8 ?? "".utf8)
            }
            if Bool.random(using: &generator), !bytes.isEmpty {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            guard var config = try? ConfigText(bytes) else { continue }
            let before = config.settings
            let path = [["k"], ["t", "k"], ["a", "k"], ["b", "c"]].randomElement(using: &generator) ?? ["k"]
            let old = before.first { $0.path == path }?.value.strings
            guard (try? config.add("new", to: path)) != nil else { continue }
            #expect(config.settings.first { $0.path == path }?.value.strings == (old ?? []) + ["new"])
            if let gone = old?.first {
                try config.remove(gone, from: path)
                #expect(
                    config.settings.first { $0.path == path }?.value.strings == (old ?? []).filter { $0 != gone } + [
                        "new"
                    ])
            }
            let others = config.settings.filter { $0.path != path }.map { "\($0.path) \($0.value)" }
            #expect(others == before.filter { $0.path != path }.map { "\($0.path) \($0.value)" })
            changed += 1
        }
        #expect(changed > 500)
    }
}
