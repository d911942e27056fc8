import EventSchema
import Foundation
import TestSupport
import Testing

@Suite struct TimeTextTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (1_789_398_123_123_456, "2026-09-14T15:02:03.123456Z"),
        (1_789_398_123_120_000, "2026-09-14T15:02:03.120Z"), (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00Z"), (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"), (253_402_300_800_000_000, "+010000-01-01T00:00:00Z"),
    ])
    func writesAndReads(microseconds: Int64, text: String) {
        #expect(RecordTime(microseconds: microseconds).rfc3339 == text)
        #expect(RecordTime(rfc3339: text)?.microseconds == microseconds)
    }

    @Test func readsOffsetsAndOddForms() {
        let noon = RecordTime(rfc3339: "2024-03-10T12:00:00Z")
        #expect(RecordTime(rfc3339: "2024-03-10T14:30:00+02:30") == noon)
        #expect(RecordTime(rfc3339: "2024-03-09T23:00:00-13:00") == noon)
        #expect(RecordTime(rfc3339: "2024-03-10t12:00:00.0z") == noon)
        #expect(RecordTime(rfc3339: "2024-03-10 12:00:00.0000009Z") == noon)
        #expect(RecordTime(rfc3339: "2016-12-31T23:59:60Z") == RecordTime(rfc3339: "2017-01-01T00:00:00Z"))
    }

    @Test(arguments: [
        "", "2024", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00",
        "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00Zx", "2024-13-01T00:00:00Z", "2024-01-00T00:00:00Z",
        "24-01-01T00:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:00+24:00", "+999999-01-01T00:00:00Z",
    ])
    func refuses(text: String) { #expect(RecordTime(rfc3339: text) == nil) }

    @Test func everyTimeComesBack() {
        var values = RandomValues(seed: 11)
        for _ in 0..<20_000 {
            let time = RecordTime(microseconds: values.signed64())
            #expect(RecordTime(rfc3339: time.rfc3339) == time)
        }
        #expect(RecordTime(rfc3339: RecordTime.distantPast.rfc3339) == .distantPast)
        #expect(RecordTime(rfc3339: RecordTime.distantFuture.rfc3339) == .distantFuture)
    }

    @Test func agreesWithFoundation() throws {
        var values = RandomValues(seed: 12)
        let style = Date.ISO8601FormatStyle()
        for _ in 0..<500 {
            let seconds = Int64(values.below(8_000_000_000)) - 4_000_000_000
            let text = RecordTime(microseconds: seconds * 1_000_000).rfc3339
            #expect(try style.parse(text).timeIntervalSince1970 == Double(seconds))
        }
    }

    @Test(arguments: [
        (0, "0s"), (1_500_000, "1.5s"), (-250_000, "-0.25s"), (1, "0.000001s"), (3_600_000_000, "3600s"),
    ])
    func spans(microseconds: Int64, text: String) {
        #expect(Duration.microseconds(microseconds).text == text)
        #expect(Duration(text: text) == .microseconds(microseconds))
    }

    @Test(arguments: ["", "s", "1", "1.s", ".5s", "1.5", "--1s", "1e3s", "1 s", "99999999999999999999s", "+1s"])
    func refusesSpans(text: String) { #expect(Duration(text: text) == nil) }

    @Test func everySpanComesBack() {
        var values = RandomValues(seed: 13)
        for _ in 0..<5000 {
            let span = Duration.microseconds(values.signed64())
            #expect(Duration(text: span.text) == span)
        }
        #expect(Duration(text: Duration.microseconds(Int64.min).text) == .microseconds(Int64.min))
    }
}
