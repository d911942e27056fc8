import EventSchema
import Foundation
import TestSupport
import Testing

/// A recording of a minute with a person's pauses, played in the length that was asked for.
@Suite struct PaceTests {
    @Test func aMinuteFitsIntoFiveSeconds() async throws {
        let playhead = try Playhead()
        let typed = [
            ("echo one", 7), ("seq 1 40", 12), ("false", 6), ("sleep 2; echo two", 14), ("ls -la", 11),
            ("printf 'a\\nb\\n'", 10),
            ("echo end", 1),
        ]
        let feeder = typed.map { "echo \"\($0.0)\"; sleep \($0.1)" }.joined(separator: "; ")
        let rec = try await playhead.shell("(\(feeder); echo exit) | playhead rec --headless -q -t pauses")
        #expect(rec.status == 0, "\(rec.error)")
        let events = try await playhead.run(["cat", "last", "--json"]).lines.map { try JSONReader.read($0.utf8) }
        let times = events.compactMap { $0["time"]?.string.flatMap { RecordTime(rfc3339: $0) } }
        let length = try #require(times.last) - (try #require(times.first))
        #expect(length >= .seconds(60))
        let started = events.filter { $0["kind"]?.string == "command_started" }.compactMap { $0["text"]?.string }
        #expect(started == typed.map(\.0) + ["exit"])

        let begin = ContinuousClock.now
        let play = try await playhead.run(["play", "last", "--plain", "--fit", "5s"])
        let wall = ContinuousClock.now - begin
        #expect(play.status == 0, "\(play.error)")
        // What the command promises, not how fast it is: five seconds, and half a second either way.
        #expect(wall > .seconds(4.5) && wall < .seconds(5.5), "played in \(wall)")
        for word in ["one", "two", "exit 1", "end"] { #expect(play.output.contains(word), "\(word) is not told") }
        #expect(!play.output.contains("\u{1B}"), "no escape sequence of the recording reaches the reader")
    }
}
