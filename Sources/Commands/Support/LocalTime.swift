import EventSchema
import Foundation

/// A record time as people here read it.
struct LocalTime {
    let day: String
    /// Hours and minutes.
    let clock: String
    /// With seconds.
    let fullClock: String

    init(_ time: RecordTime) {
        let offset = TimeZone.current.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.microseconds) / 1e6))
        let text = time.advanced(by: Int64(offset) * 1_000_000).rfc3339
        day = String(text.prefix(10))
        clock = String(text.dropFirst(11).prefix(5))
        fullClock = String(text.dropFirst(11).prefix(8))
    }
}
