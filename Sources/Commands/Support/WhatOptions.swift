import Archive
import ArgumentParser
import EventSchema
import Foundation
import Replay

/// Which sessions are meant.
struct WhatOptions: ParsableArguments {
    @Argument(help: "Sessions: an id, last, current, @USER or a title. A moment may follow: last@end-10m.")
    var sessions: [String] = []

    @Option(help: "Those of one day: 2026-09-14, today, yesterday.")
    var day: String?

    @Option(help: "Those that went on after this moment.")
    var since: String?

    @Option(help: "Those that began before this moment.")
    var until: String?

    @Option(help: "Those of one person.")
    var user: String?

    @Option(help: "Those of the workspace that holds this directory.")
    var cwd: String?

    /// Whether any option narrows the sessions down.
    var isNarrowed: Bool { day != nil || since != nil || until != nil || user != nil || cwd != nil }

    /// The sessions, oldest first; the last one if nothing is said.
    func sessionsOrLast(of library: Library) throws -> [SessionSummary] {
        sessions.isEmpty && !isNarrowed ? [try library.find("last")] : try sessions(of: library)
    }

    /// The sessions, oldest first; all of them if nothing narrows it down.
    func sessions(of library: Library) throws -> [SessionSummary] {
        var found = sessions.isEmpty ? library.sessions : try sessions.map { try library.find($0) }
        if let user { found.removeAll { $0.user != user } }
        if let cwd {
            let path = Array(URL(fileURLWithPath: cwd).standardizedFileURL.path.utf8)
            found.removeAll { !path.starts(with: $0.workspace) || $0.workspace.isEmpty }
        }
        if let since {
            let time = try MomentOption.time(since, in: nil, library: library)
            found.removeAll { $0.last < time }
        }
        if let until {
            let time = try MomentOption.time(until, in: nil, library: library)
            found.removeAll { $0.first > time }
        }
        if let day {
            let start = try Self.start(of: day, library: library)
            let end = start + .seconds(86400)
            found.removeAll { $0.last < start || $0.first >= end }
        }
        return found.sorted { ($0.first, $0.id) < ($1.first, $1.id) }
    }

    /// Midnight of `today`, `yesterday` or a date, here.
    private static func start(of day: String, library: Library) throws -> RecordTime {
        if day == "today" || day == "yesterday" { return try MomentOption.time(day, in: nil, library: library) }
        guard let midnight = RecordTime(rfc3339: "\(day)T00:00:00Z") else {
            throw CommandFailure(.usage, "'\(day)' is no day; 2026-09-14, today and yesterday are")
        }
        let offset = TimeZone.current.secondsFromGMT(
            for: Date(timeIntervalSince1970: Double(midnight.microseconds) / 1e6))
        return midnight - .seconds(offset)
    }
}
