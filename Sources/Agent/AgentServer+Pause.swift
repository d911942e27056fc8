import Archive
import Capture
import EventSchema
import Synchronization

/// A pause that a person asked for: every recorder and editor withholds what happens in it.
struct Pause: Sendable, Equatable {
    /// When it ends by itself; nil: when it is taken back.
    var until: RecordTime?

    /// As it is kept beside the truth, so that it outlives the agent.
    var stored: String { until.map { "until \($0.microseconds)" } ?? "on" }

    init(until: RecordTime?) { self.until = until }

    /// nil: no pause.
    init?(stored: String?) {
        guard let stored, stored != "off" else { return nil }
        until = stored.split(separator: " ").last.flatMap { Int64($0) }.map(RecordTime.init(microseconds:))
    }

    func isOver(at now: RecordTime) -> Bool { until.map { $0 <= now } ?? false }
}

extension AgentServer {
    private static let metaName = "pause"

    /// What the agent before this one had promised.
    func takeUpPause() {
        let stored = try? archive.perform { (writer) throws(ArchiveError) in try writer.meta(Self.metaName) }
        state.withLock { $0.pause = Pause(stored: stored ?? nil) }
    }

    /// Begins a pause, or changes its end.
    func pause(_ request: JSONValue) throws -> JSONValue {
        let length = request["microseconds"]?.integer
        try set(Pause(until: length.map { clock.now.advanced(by: max(0, $0)) }))
        return ["paused": true]
    }

    func unpause() throws -> JSONValue {
        let wasPaused = state.withLock { $0.pause != nil }
        try set(nil)
        return ["paused": false, "was": .bool(wasPaused)]
    }

    /// Ends a pause whose time has come.
    func endPauseWhenDue() {
        let isOver = state.withLock { $0.pause?.isOver(at: clock.now) ?? false }
        if isOver { try? set(nil) }
    }

    private func set(_ pause: Pause?) throws {
        try archive.perform { (writer) throws(ArchiveError) in
            try writer.setMeta(Self.metaName, pause?.stored ?? "off")
        }
        let clients = state.withLock { state in
            state.pause = pause
            return Array(state.clients.values)
        }
        for client in clients { client.send(.message(["unasked": true, "paused": .bool(pause != nil)])) }
    }
}
