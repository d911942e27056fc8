import EventSchema
import Foundation
import TestSupport
import Testing

/// A shell recorded without a terminal, through the built programs.
@Suite struct RecordingEndToEndTests {
    private func events(_ playhead: Playhead, _ arguments: [String] = []) async throws -> [JSONValue] {
        let cat = try await playhead.run(["cat", "last", "--json"] + arguments)
        #expect(cat.status == 0, "\(cat.error)")
        return try cat.lines.map { try JSONReader.read($0.utf8) }
    }

    private func kinds(_ events: [JSONValue], _ kind: String) -> [JSONValue] {
        events.filter { $0["kind"]?.string == kind }
    }

    @Test func commandsHaveTextDirectoryStatusAndDuration() async throws {
        let playhead = try Playhead()
        let script = "echo hello\nfalse\nmkdir -p sub && cd sub\nls /nope | cat\nsleep 0.3\n echo private\nexit 3\n"
        let rec = try await playhead.run(["rec", "--headless", "--return", "-t", "first"], input: script)
        #expect(rec.status == 3, "\(rec.error)")
        let events = try await events(playhead)
        let started = kinds(events, "command_started")
        let finished = kinds(events, "command_finished")
        #expect(
            started.compactMap { $0["text"]?.string }
                == ["echo hello", "false", "mkdir -p sub && cd sub", "ls /nope | cat", "sleep 0.3", "exit 3"])
        #expect(started.filter { $0["private"]?.bool == true }.count == 1, "a leading space keeps the text out")
        #expect(finished.compactMap { $0["status"]?.integer } == [0, 1, 0, 0, 0, 0, 3])
        #expect(finished.contains { $0["pipe_status"]?.array?.compactMap(\.integer) == [2, 0] })
        #expect(started.last?["directory"]?.string?.hasSuffix("work/sub") == true)
        let sleep = finished[4]["duration"]?.string ?? ""
        // The marks are stamped when they are read: on a busy machine the first of them late.
        #expect(try #require(Double(sleep.dropLast())) > 0.1, "slept \(sleep)")
        let output = kinds(events, "terminal_output").compactMap { $0["data"]?.string }.joined()
        #expect(output.contains("\rhello\r\n"))
        #expect(!output.contains("\u{1B}]633"), "the shell's own marks are not part of the output")
    }

    @Test func outputIsKeptByteForByte() async throws {
        let playhead = try Playhead()
        var generator = SeededGenerator(seed: .random(in: 0...UInt64.max))
        let bytes = (0..<300_000).map { _ in UInt8.random(in: 0x20...0x7E, using: &generator) }
        let file = playhead.workspace.appendingPathComponent("data")
        try Data(bytes).write(to: file)
        let rec = try await playhead.run(["rec", "--headless", "-q", "--output-limit", "off", "--", "cat", file.path])
        #expect(rec.status == 0, "\(rec.error)")
        let output = kinds(try await events(playhead, ["--only", "output"]), "terminal_output")
        let recorded = output.compactMap { $0["data"]?.string }.joined()
        #expect(Array(recorded.utf8).count == bytes.count)
        #expect(Array(recorded.utf8) == bytes)
    }

    @Test func aSecondTerminalJoinsTheSessionAndANewOneDoesNot() async throws {
        let playhead = try Playhead()
        async let first = playhead.run(["rec", "--headless", "-q", "-c", "sleep 2"])
        try await Task.sleep(for: .seconds(1))
        let second = try await playhead.run(["rec", "--headless", "--json", "-c", "true"])
        let third = try await playhead.run(["rec", "--headless", "--json", "--new", "-c", "true"])
        #expect(try await first.status == 0)
        let sessions = try [second, third].map {
            try JSONReader.read(try #require($0.lines.last).utf8)["session"]?.string
        }
        #expect(sessions[0] != sessions[1])
        let list = try await playhead.run(["ls", "--json"])
        #expect(list.lines.count == 2)
    }

    @Test func aRecordedTerminalIsNotRecordedAgain() async throws {
        let playhead = try Playhead()
        let nested = "\(Playhead.programs.path)/playhead rec --headless -c true; echo status $?"
        let rec = try await playhead.run(["rec", "--headless", "-c", nested])
        #expect(rec.output.contains("status 77"), "\(rec.output)")
    }

    @Test func notesAndTitlesReachTheSession() async throws {
        let playhead = try Playhead()
        _ = try await playhead.run(["rec", "--headless", "-q", "-c", "true"])
        #expect(try await playhead.run(["note", "look at refresh() first", "--next", "-S", "last"]).status == 0)
        #expect(try await playhead.run(["edit", "last", "--title", "login form", "--add-tag", "auth"]).status == 0)
        let list = try await playhead.run(["ls", "--json"])
        let session = try JSONReader.read(try #require(list.lines.first).utf8)
        #expect(session["title"]?.string == "login form")
        #expect(session["notes"]?.integer == 1)
        #expect(session["tags"]?.array?.compactMap(\.string) == ["auth"])
        #expect(try await playhead.run(["verify"]).status == 0)
    }

    @Test func removedSessionsLeaveNoTrace() async throws {
        let playhead = try Playhead()
        _ = try await playhead.run(["rec", "--headless", "-q", "-c", "echo unforgettable-$((40+2))"])
        #expect(try await playhead.run(["ls"]).lines.count == 1)
        for _ in 0..<50 where try await playhead.run(["rm", "last", "-y"]).status != 0 {
            try await Task.sleep(for: .milliseconds(100))  // the session is open for a second after its recorder
        }
        #expect(try await playhead.run(["ls"]).lines.isEmpty)
        for file in FileManager.default.enumerator(atPath: playhead.archiveHome.path)?.compactMap({ $0 as? String })
            ?? []
        {
            let bytes = (try? Data(contentsOf: playhead.archiveHome.appendingPathComponent(file))) ?? Data()
            #expect(bytes.range(of: Data("unforgettable".utf8)) == nil, "found in \(file)")
        }
    }
}
