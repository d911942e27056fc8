import Capture
import Foundation
import TestSupport
import Testing

@Suite struct IgnoreRulesTests {
    private func git(_ arguments: [String], in directory: String, input: String = "") throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-c", "core.excludesFile=/dev/null"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        let stdin = URL(fileURLWithPath: directory + "/../input-\(UUID())")
        try Data(input.utf8).write(to: stdin)
        defer { try? FileManager.default.removeItem(at: stdin) }
        process.standardInput = try FileHandle(forReadingFrom: stdin)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }

    @Test("random patterns and paths: the same as git check-ignore")
    func random() throws {
        var generator = SeededGenerator.make("ignore rules")
        let names = ["a", "b", "foo", "foo.c", "bar", "b c", "x.o", "é", "[q]", "a-b"]
        let atoms = [
            "*", "?", "**", "a", "foo", "b", ".c", "*.o", "[ab]", "[!a]", "[a-f]oo", "\\[q]", "é", "[[:alpha:]]", "bar",
            "-",
        ]
        func pick(_ list: [String]) -> String { list.randomElement(using: &generator) ?? "" }
        func pattern() -> String {
            var text = Int.random(in: 0..<4, using: &generator) == 0 ? "!" : ""
            if Int.random(in: 0..<3, using: &generator) == 0 { text += "/" }
            let parts = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                (0..<Int.random(in: 1...2, using: &generator)).map { _ in pick(atoms) }.joined()
            }
            text += parts.joined(separator: "/")
            if Int.random(in: 0..<3, using: &generator) == 0 { text += "/" }
            return text
        }
        for round in 0..<8 {
            let directory = try TestDirectory()
            let root = directory.path + "/r"
            var ignores: [String: String] = [:]
            for place in ["", "foo/", "foo/bar/"] {
                let lines = (0..<4).map { _ in pattern() }.joined(separator: "\n") + "\n# no\n\n"
                ignores[place] = lines
                try directory.write("r/\(place).gitignore", lines.utf8)
            }
            _ = try git(["init", "-q"], in: root)
            let paths = Set(
                (0..<60).map { _ in
                    (0..<Int.random(in: 1...4, using: &generator)).map { _ in pick(names) }.joined(separator: "/")
                }
            ).filter { path in !["foo", "foo/bar"].contains(path) }
            let asked = paths.sorted().map { $0 + "\0" }.joined()
            let answer = try git(["check-ignore", "--no-index", "-z", "--stdin"], in: root, input: asked)
            let ignored = Set(answer.split(separator: "\0").map(String.init))
            let rules = IgnoreRules(root: root)
            for path in paths {
                let reason = rules.isPrivate(path)
                #expect(
                    (reason != nil) == ignored.contains(path), "round \(round): \(path), \(reason ?? "-") of \(ignores)"
                )
            }
        }
    }

    @Test("a literal beginning before **, as git check-ignore has it")
    func literalBeginning() throws {
        let directory = try TestDirectory()
        let root = directory.path + "/r"
        try directory.write("r/.gitignore", "/b**/foo\nc/d**e\n/f**\n".utf8)
        _ = try git(["init", "-q"], in: root)
        let paths = [
            "b/foo", "b/b/foo", "b c/b c/b/foo", "bfoo", "b/food", "a/b/foo", "c/de", "c/d/e", "c/d/x/e", "c/dxe", "f",
            "f/g", "fg/h", "g/f",
        ]
        let asked = paths.map { $0 + "\0" }.joined()
        let answer = try git(["check-ignore", "--no-index", "-z", "--stdin"], in: root, input: asked)
        let ignored = Set(answer.split(separator: "\0").map(String.init))
        let rules = IgnoreRules(root: root)
        for path in paths { #expect((rules.isPrivate(path) != nil) == ignored.contains(path), "\(path)") }
        #expect(ignored.contains("b c/b c/b/foo"))
    }

    @Test("secrets by their names, whatever a workspace says; .playheadignore hides, and cannot show what git ignores")
    func builtIn() throws {
        let directory = try TestDirectory()
        try directory.write(".playheadignore", "!.env\n!*.log\nnotes/\n!id_rsa\n".utf8)
        try directory.write(".gitignore", "*.log\n".utf8)
        let rules = IgnoreRules(root: directory.path)
        for path in [
            ".env", ".env.local", "a/b/.env", "x.pem", "k/server.key", "id_rsa", "id_rsa.old", ".ssh/config",
            ".git/config", ".aws/credentials",
            ".netrc", "pw.kdbx", "a/.docker/config.json", "notes/today.md", "x.log",
        ] {
            #expect(rules.isPrivate(path) != nil, "\(path)")
        }
        for path in ["main.py", "environment.py", "keys.swift", "docs/ssh.md", "notes.md", "a/config.json"] {
            #expect(rules.isPrivate(path) == nil, "\(path): \(rules.isPrivate(path) ?? "")")
        }
        #expect(rules.isPrivate("/etc/hostname") == "outside the workspace")
    }

    @Test("a link into a private place is private")
    func links() throws {
        let directory = try TestDirectory()
        try directory.write("w/a.txt", [])
        try directory.write("w/.ssh/id", [])
        try FileManager.default.createSymbolicLink(atPath: directory.path + "/w/l.txt", withDestinationPath: ".ssh/id")
        try FileManager.default.createSymbolicLink(
            atPath: directory.path + "/w/o.txt", withDestinationPath: "/etc/hostname")
        let rules = IgnoreRules(root: directory.path + "/w")
        #expect(rules.isPrivate("l.txt") != nil && rules.isPrivate("o.txt") != nil && rules.isPrivate("a.txt") == nil)
    }

    @Test("a hostile pattern ends soon")
    func hostile() throws {
        let directory = try TestDirectory()
        try directory.write(
            ".gitignore",
            (String(repeating: "*a", count: 200) + "b\n" + String(repeating: "**/", count: 200) + "x\n[\n[z-\n").utf8)
        let rules = IgnoreRules(root: directory.path)
        #expect(rules.isPrivate(String(repeating: "a/", count: 100) + String(repeating: "a", count: 200)) == nil)
    }

    @Test("the workspace: git's top level, else the nearest .playhead.toml, else the start")
    func roots() throws {
        let directory = try TestDirectory()
        try directory.write("named/.playhead.toml", [])
        try directory.write("named/repo/src/a.c", [])
        try directory.write("named/other/b.c", [])
        _ = try git(["init", "-q"], in: directory.path + "/named/repo")
        #expect(WorkspaceRoot.enclosing(directory.path + "/named/repo/src/a.c") == directory.path + "/named/repo")
        #expect(WorkspaceRoot.enclosing(directory.path + "/named/other/not/there") == directory.path + "/named")
        #expect(WorkspaceRoot.find(of: directory.path + "/x", start: directory.path + "/named/..") == directory.path)
    }
}
