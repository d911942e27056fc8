import EventSchema
import Foundation
import TestSupport
import Testing

/// Finding a moment, in one's own archive and in a team's.
@Suite struct SearchTests {
    private func moments(_ outcome: Playhead.Outcome) throws -> [JSONValue] {
        try outcome.lines.map { try JSONReader.read($0.utf8) }
    }

    @Test func theMomentOfACommandIsFoundAndPlayed() async throws {
        let alice = try Playhead(["USER": "alice"])
        let rec = try await alice.run(
            ["rec", "--headless", "-t", "the needle's title"],
            input: "echo before\nsleep 1.2\necho the-needle\necho after\n")
        #expect(rec.status == 0, "\(rec.error)")
        let all = try await alice.run(["search", "NEEDLE", "--json"])
        #expect(all.status == 0, "\(all.error)")
        #expect(try Set(moments(all).compactMap { $0["kind"]?.string }) == ["command", "title"])
        let found = try await alice.run(["search", "needle", "last", "--kind", "command", "--json"])
        let hits = try moments(found)
        #expect(hits.count == 1 && hits[0]["text"]?.string == "echo the-needle", "\(found.output)")
        let moment = try #require(hits.first?["moment"]?.string)
        // The state of that moment has the command.
        let line = try await alice.run(["search", "needle", "--kind", "command"])
        #expect(
            line.output.hasPrefix(moment) && line.output.contains("@alice  command  echo the-needle"), "\(line.output)")
        let play = try await alice.run(["play", moment, "--plain", "-s", "360"])
        #expect(play.status == 0, "\(play.error)")

        let none = try await alice.run(["search", "100%_nothing"])
        #expect(none.status == 1 && none.output.isEmpty && none.error.contains("Nothing found"))
        #expect(try await alice.run(["search", ""]).status == 64)
        #expect(try await alice.run(["search", "x", "--kind", "smell"]).status == 64)
    }

    @Test func aTeamsArchiveIsSearchedForWhatOneMaySee() async throws {
        let bed = try await TeamBed(["alice", "bob", "eve"], follows: [("bob", "alice")])
        let serve = try bed.serve()
        let (alice, bob) = (try bed.person("alice"), try bed.person("bob"))
        let rec = try await alice.run(
            ["rec", "--headless", "--broker", bed.url("alice")], input: "echo conda activate parser\n")
        #expect(rec.status == 0, "\(rec.error)")
        try await bed.archived(alice)
        let found = try await bob.run(["search", "conda act", "--broker", bed.url("bob"), "--json"])
        #expect(found.status == 0, "\(found.error) \(serve.said)")
        let hits = try moments(found)
        #expect(hits.count == 1 && hits[0]["user"]?.string == "alice", "\(found.output)")
        #expect(try await bob.run(["search", "conda", "--user", "bob", "--broker", bed.url("bob")]).status == 1)
        let eve = try await bob.run(["search", "conda", "--broker", bed.url("eve")])
        #expect(eve.status == 1 && eve.output.isEmpty, "\(eve.output)")
    }
}
