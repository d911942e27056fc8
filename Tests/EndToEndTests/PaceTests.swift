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

        // What the command promises, not how fast it is: five seconds, and half a second either way. A machine busy with
        // something else is late once, not three times.
        var play = try await playhead.run(["--version"])
        var walls: [Duration] = []
        repeat {
            let begin = ContinuousClock.now
            play = try await playhead.run(["play", "last", "--plain", "--fit", "5s"])
            walls.append(.now - begin)
            #expect(play.status == 0, "\(play.error)")
        } while walls.count < 3 && !isFiveSeconds(walls.last)
        #expect(isFiveSeconds(walls.last), "played in \(walls)")
        for word in ["one", "two", "exit 1", "end"] { #expect(play.output.contains(word), "\(word) is not told") }
        #expect(!play.output.contains("\u{1B}"), "no escape sequence of the recording reaches the reader")
    }

    private func isFiveSeconds(_ wall: Duration?) -> Bool {
        wall.map { $0 > .seconds(4.5) && $0 < .seconds(5.5) } ?? false
    }
}
