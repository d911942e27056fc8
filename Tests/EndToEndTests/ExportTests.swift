import EventSchema
import Foundation
import TestSupport
import Testing

/// What leaves an archive comes back the same.
@Suite struct ExportTests {
    private func recorded() async throws -> Playhead {
        let playhead = try Playhead()
        let script = "echo grün\nprintf '\\033[31mred\\033[0m\\n'\nfalse\nexit\n"
        #expect(try await playhead.run(["rec", "--headless", "-q", "-t", "to go"], input: script).status == 0)
        _ = try await playhead.run(["note", "look here", "-S", "last"])
        // The agent ends the session a little after its last terminal: what is compared must not grow meanwhile.
        for _ in 0..<200 {
            if try await playhead.run(["cat", "last", "--json"]).output.contains("session_closed") { return playhead }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("the session is never closed")
        return playhead
    }

    @Test(arguments: [false, true]) func aBundleIsLossless(sealed: Bool) async throws {
        let playhead = try await recorded()
        if sealed { #expect(try await playhead.run(["seal"]).status == 0) }
        let file = playhead.home.file("x.playhead").path
        #expect(try await playhead.run(["export", "last", "-o", file]).status == 0)
        #expect(try await playhead.run(["export", "last", "-o", file]).status == 73, "nothing is written over")
        let before = try await playhead.run(["cat", "last", "--json"]).output
        let other = try Playhead()
        let imported = try await other.run(["import", file])
        #expect(imported.status == 0, "\(imported.error)")
        #expect(try await other.run(["cat", "last", "--json"]).output == before)
        let again = try await other.run(["import", file, "--json"])
        #expect(again.output.contains("\"batches_added\":0"))
        #expect(try await other.run(["verify"]).status == 0)
    }

    @Test func everyDamageIsRefusedAndNothingIsTaken() async throws {
        let playhead = try await recorded()
        let file = playhead.home.file("x.playhead")
        #expect(try await playhead.run(["export", "last", "-o", file.path]).status == 0)
        let sound = try Data(contentsOf: file)
        let other = try Playhead()
        var generator = SeededGenerator(seed: .random(in: 0...UInt64.max))
        for round in 0..<8 {
            var bytes = sound
            if round < 4 {
                bytes[Int.random(in: bytes.indices, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
            } else {
                bytes = bytes.prefix(Int.random(in: 8..<bytes.count, using: &generator))
            }
            let damaged = playhead.home.file("damaged-\(round).playhead")
            try bytes.write(to: damaged)
            let outcome = try await other.run(["import", damaged.path, "--format", "playhead"])
            #expect(outcome.status == 65, "round \(round): \(outcome.error)")
            #expect(outcome.error.contains(damaged.path))
        }
        #expect(try await other.run(["ls"]).lines.isEmpty)
    }

    @Test func aCastPlaysInAsciinemaAndComesBack() async throws {
        let playhead = try await recorded()
        let file = playhead.home.file("x.cast").path
        #expect(try await playhead.run(["export", "last", "--format", "cast", "-o", file]).status == 0)
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        #expect(try JSONReader.read(try #require(lines.first).utf8)["version"]?.integer == 3)
        let other = try Playhead()
        let imported = try await other.run(["import", file])
        #expect(imported.status == 0, "\(imported.error)")
        func output(_ playhead: Playhead) async throws -> String {
            try await playhead.run(["cat", "last", "--json", "--only", "output"]).lines
                .map { try JSONReader.read($0.utf8) }.filter { $0["kind"]?.string == "terminal_output" }
                .compactMap { $0["data"]?.string }.joined()
        }
        #expect(try await output(other) == output(playhead))
    }
}
