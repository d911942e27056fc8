import Archive
import EventSchema
import Foundation
import Replay

/// Reads the moments that people type, against the session they mean.
enum MomentOption {
    /// The moment `text` of a session; of no session, a wall time.
    static func time(_ text: String, in session: SessionSummary?, library: Library) throws -> RecordTime {
        throw CommandFailure(.usage, "'\(text)' is no moment")
    }

    /// The session and the moment of `SESSION@T`, or of a session and an `--at` option.
    static func split(_ text: String, at: String?, library: Library) throws -> (SessionSummary, RecordTime?) {
        let found = try library.find(text)
        return (found, try at.map { try time($0, in: found, library: library) })
    }
}
