import EventSchema
import Foundation
import TestSupport
import Testing

/// A source finds its session: what is open, what is always on, and what a dead agent left open.
@Suite struct AlwaysOnTests {
    /// An editor that opens a file, changes it, closes it and leaves.
    private func edit(_ playhead: Playhead, _ path: String) async throws {
        let file = playhead.workspace.appendingPathComponent(path).path
        let lines = [
            #"{"ev":"hello","protocol":1,"editor":"test","version":"1","pid":1,"cwd":"/","mono":1}"#,
            #"{"ev":"open","doc":1,"path":"\#(file)","filetype":"","fileformat":"unix","eol":true,"bomb":false,"#
                + #""fileencoding":"","exists":true,"mono":2}"#,
            #"{"ev":"text","doc":1,"text":"a\n","mono":3}"#,
            #"{"ev":"edit","doc":1,"off":0,"del":1,"text":"b","origin":"typed","mono":4}"#,
            #"{"ev":"close","doc":1,"mono":5}"#, #"{"ev":"bye","mono":6}"#,
        ]
        let outcome = try await playhead.run(["editor"], input: lines.joined(separator: "\n") + "\n")
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    private func sessions(_ playhead: Playhead) async throws -> [JSONValue] {
        try await playhead.run(["ls", "--json"]).lines.map { try JSONReader.read($0.utf8) }
    }

    private func here(_ playhead: Playhead) async throws -> JSONValue? {
        try JSONReader.read(try #require(try await playhead.run(["status", "--json"]).lines.last).utf8)["here"]
    }

    @Test func anEditorInAWorkspaceThatIsOnBeginsASession() async throws {
        let playhead = try Playhead()
        try await edit(playhead, "a.txt")
        #expect(try await sessions(playhead).isEmpty, "nothing is on")
        #expect(try await playhead.run(["status"]).output.contains("it is not on"))

        try Data("secret".utf8).write(to: playhead.workspace.appendingPathComponent(".env"))
        let on = try await playhead.run(["on"])
        #expect(on.status == 0)
        #expect(on.error.contains("Local only") && on.error.contains("private here: .env\n"), "\(on.error)")
        #expect(try await here(playhead)?["on"]?.bool == true)
        try await edit(playhead, ".env")
        #expect(try await sessions(playhead).isEmpty, "a private file alone begins nothing")

        try await edit(playhead, "a.txt")
        try await edit(playhead, "sub/b.txt")
        let found = try await sessions(playhead)
        #expect(found.count == 1, "the next editor goes on with the session")
        #expect(found.first?["workspace"]?.string?.hasSuffix("/work") == true)
        let cat = try await playhead.run(["cat", "last", "--json"]).output
        #expect(cat.contains("a.txt") && cat.contains("sub/b.txt") && cat.contains("\"edit\""))

        let off = try await playhead.run(["off", "--json"])
        #expect(try JSONReader.read(try #require(off.lines.last).utf8)["ended"]?.array?.count == 1)
        try await edit(playhead, "a.txt")
        let after = try await sessions(playhead)
        #expect(after.count == 1)
        #expect(try await playhead.run(["rm", "last", "-y"]).status == 0, "it is closed")
    }

    @Test func aMistakeInTheConfigurationIsSaid() async throws {
        let playhead = try Playhead()
        let file = playhead.home.file("user/.config/playhead/config.toml")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("# mine\n[workspaces]\non = \"here\"\n".utf8).write(to: file)
        let on = try await playhead.run(["on"])
        #expect(on.status == 65)
        #expect(on.error.contains("config.toml, line 3"), "\(on.error)")
        #expect(try await playhead.run(["status"]).output.contains("line 3"))
        #expect(try String(contentsOf: file, encoding: .utf8).hasPrefix("# mine"))
    }

    @Test func aNewRecorderJoinsWhatADeadAgentLeftOpen() async throws {
        let playhead = try Playhead()
        async let first = playhead.run(["rec", "--headless", "--json", "-c", "sleep 6"])
        var agent: Int64?
        for _ in 0..<100 where agent == nil {
            try await Task.sleep(for: .milliseconds(50))
            let status = try JSONReader.read(
                try #require(try await playhead.run(["status", "--json"]).lines.last).utf8)
            let isFed = status["sessions"]?.array?.contains { $0["sources"]?.integer ?? 0 > 0 } == true
            if isFed { agent = status["process"]?.integer }
        }
        kill(pid_t(try #require(agent)), SIGKILL)
        let second = try await playhead.run(["rec", "--headless", "--json", "-c", "true"])
        let ids = try [await first, second].map {
            try JSONReader.read(try #require($0.lines.last).utf8)["session"]?.string
        }
        #expect(ids[0] == ids[1])
        #expect(try await sessions(playhead).count == 1)
    }

    @Test func aPauseWithholdsTerminalsAndEditors() async throws {
        let playhead = try Playhead()
        async let rec = playhead.run(
            ["rec", "--headless", "-q"],
            input: """
                echo before-$((40+2))
                playhead-test() { "$PLAYHEAD_BIN" "$@"; }
                playhead-test pause; sleep 0.5
                echo within-$((40+2))
                sleep 2
                playhead-test unpause; sleep 0.5
                echo after-$((40+2))
                exit

                """)
        var isPaused = false
        for _ in 0..<200 where !isPaused {
            try await Task.sleep(for: .milliseconds(20))
            let status = try await playhead.run(["status", "--json"]).lines.last
            isPaused = try status.map { try JSONReader.read($0.utf8)["paused"]?.bool == true } ?? false
        }
        #expect(isPaused)
        try await edit(playhead, "a.txt")
        #expect(try await rec.status == 0, "the shell goes on")
        let cat = try await playhead.run(["cat", "last", "--json"]).output
        #expect(cat.contains("before-42") && cat.contains("after-42") && !cat.contains("within-42"))
        #expect(cat.contains("\"paused\"") && cat.contains("\"resumed\""))
        #expect(!cat.contains("a.txt"), "what was edited in the pause is not there")
        #expect(try await playhead.run(["verify"]).status == 0)
    }
}
