import EventSchema
import Replay
import Testing

@Suite struct MomentTests {
    /// A session on 14 Sep 2026 from 15:02 to 18:41 in a zone two hours ahead of UTC.
    private func at(_ text: String) -> String? {
        guard let start = RecordTime(rfc3339: "2026-09-14T13:02:00Z"),
            let end = RecordTime(rfc3339: "2026-09-14T16:41:00Z"),
            let now = RecordTime(rfc3339: "2026-09-15T08:00:00Z")
        else { return nil }
        let context = Moment.Context(start: start, end: end, now: now, markers: ["green": start + .seconds(60)]) { _ in
            .seconds(7200)
        }
        return MomentParser.parse(text)?.time(in: context)?.rfc3339
    }

    @Test(arguments: [
        ("start", "2026-09-14T13:02:00Z"), ("end", "2026-09-14T16:41:00Z"), ("+42s", "2026-09-14T13:02:42Z"),
        ("+1:02:03", "2026-09-14T14:04:03Z"), ("+2:03", "2026-09-14T13:04:03Z"), ("end-10m", "2026-09-14T16:31:00Z"),
        ("live-10m", "2026-09-14T16:31:00Z"), ("-1h30m", "2026-09-14T15:11:00Z"), ("15:10", "2026-09-14T13:10:00Z"),
        ("15:02", "2026-09-14T13:02:00Z"), ("15:10:30", "2026-09-14T13:10:30Z"), ("09:00", "2026-09-15T07:00:00Z"),
        ("yesterday 15:10", "2026-09-14T13:10:00Z"), ("today 3pm", "2026-09-15T13:00:00Z"),
        ("2026-09-14T15:10:00+02:00", "2026-09-14T13:10:00Z"), ("50%", "2026-09-14T14:51:30Z"),
        ("mark:green", "2026-09-14T13:03:00Z"), ("+1.5s", "2026-09-14T13:02:01.500Z"),
    ]) func namesAMoment(text: String, time: String) { #expect(at(text) == time) }

    @Test(arguments: [
        "", "noon", "25:00", "12:60", "101%", "+", "+x", "mark:", "mark:red", "1:2:3:4", "yesterday15:00", "nan%",
    ])
    func namesNone(text: String) { #expect(at(text) == nil) }

    @Test func splitsAtTheLastSign() {
        #expect(MomentParser.split("last@end-10m") == ("last", "end-10m"))
        #expect(MomentParser.split("@dev1@14:05") == ("@dev1", "14:05"))
        #expect(MomentParser.split("@dev1") == ("@dev1", nil))
        #expect(MomentParser.split("k3xq9a") == ("k3xq9a", nil))
    }

    @Test(arguments: [
        ("5m", 300), ("1h30m", 5400), ("90s", 90), ("1.5s", 1.5), ("300ms", 0.3), ("2", 2), ("2:03", 123),
        ("1d", 86_400),
    ]) func spans(text: String, seconds: Double) { #expect(DurationText.parse(text) == .seconds(seconds)) }

    @Test(arguments: ["", "m", "5x", "1h-3m", "-5s", "inf", "nan", "1e9", "99999999999999999999d", "1:60", "."])
    func noSpans(text: String) { #expect(DurationText.parse(text) == nil) }

    @Test func words() {
        #expect(DurationText.words(.seconds(72)) == "1 min 12 s")
        #expect(DurationText.words(.seconds(9.2)) == "9 s")
        #expect(DurationText.words(.seconds(22_800)) == "6 h 20 min")
        #expect(DurationText.words(.seconds(61 * 86_400)) == "61 days")
        #expect(DurationText.clock(.seconds(3723)) == "1:02:03")
        #expect(DurationText.clock(.seconds(7.9)) == "0:07")
        #expect(DurationText.short(.seconds(420)) == "7m")
        #expect(DurationText.precise(.seconds(3.25)) == "3.2 s")
        #expect(DurationText.precise(.milliseconds(410)) == "0.41 s")
    }
}
