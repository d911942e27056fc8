import Archive
import EventSchema
import Foundation
import Replay

/// Reads the moments that people type, against the session they mean.
enum MomentOption {
    /// The moment `text` of a session; of no session, a wall time.
    ///
    /// - Throws: `CommandFailure(.usage)` if it is no moment, `.missing` if the session has no such marker.
    static func time(_ text: String, in session: SessionSummary?, library: Library) throws -> RecordTime {
        guard let moment = MomentParser.parse(text) else {
            throw CommandFailure(
                .usage,
                "'\(text)' is no moment; +42s, end-10m, 14:05, yesterday 15:00, 50%, start, end and mark:NAME are")
        }
        let now = RecordTime(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
        var markers: [String: RecordTime] = [:]
        if case .marker = moment, let session {
            for timed in try library.events(of: session) {
                if case .marker(let marker) = timed.event.body { markers[marker.name] = timed.time }
            }
        }
        let end = session.map { $0.closed == nil ? max(now, $0.last) : $0.last }
        let context = Moment.Context(start: session?.first ?? now, end: end ?? now, now: now, markers: markers) {
            time in
            let date = Date(timeIntervalSince1970: Double(time.microseconds) / 1e6)
            return .seconds(TimeZone.current.secondsFromGMT(for: date))
        }
        guard let time = moment.time(in: context) else {
            throw CommandFailure(.missing, "the session has no marker '\(text.dropFirst(5))'")
        }
        return time
    }

    /// The session and the moment of `SESSION@T`, or of a session and an `--at` option. The end is no moment: it is
    /// whatever came last.
    static func split(_ text: String, at: String?, library: Library) throws -> (SessionSummary, RecordTime?) {
        let parts = MomentParser.split(text)
        let moment = at ?? parts.moment
        let found = try library.find(parts.session)
        guard let moment, moment != "end" else { return (found, nil) }
        return (found, try time(moment, in: found, library: library))
    }
}
