import Archive
import EventSchema

/// What an archiver has done since it started.
public struct IntakeStatistics: Sendable, Equatable {
    public var messages = 0
    public var batches = 0
    public var duplicates = 0
    public var waiting = 0
    public var conflicts = 0
    public var quarantined = 0
    public var commits = 0
    public var bytes = 0
    public var requests = 0

    public init() {}

    mutating func add(_ report: IntakeReport, messages: Int, bytes: Int) {
        self.messages += messages
        self.bytes += bytes
        commits += 1
        batches += report.appended
        duplicates += report.duplicates
        waiting += report.waiting
        conflicts += report.conflicts
        quarantined += report.quarantined
    }

    public var json: JSONValue {
        [
            "messages": .integer(Int64(messages)), "batches": .integer(Int64(batches)),
            "duplicates": .integer(Int64(duplicates)), "waiting": .integer(Int64(waiting)),
            "conflicts": .integer(Int64(conflicts)), "quarantined": .integer(Int64(quarantined)),
            "commits": .integer(Int64(commits)), "bytes": .integer(Int64(bytes)),
            "requests": .integer(Int64(requests)),
        ]
    }
}
