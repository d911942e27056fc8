import EventSchema

/// Which sessions are open, where, and who feeds them. A value: the server carries out what it decides.
struct SessionDirectory {
    /// One connection of a recorder or an editor.
    typealias Client = Int

    struct Open {
        var id: SessionID
        var workspace: [UInt8]
        var title: String
        var opened: RecordTime
        /// Sources that a client feeds now.
        var feeding: [SourceID: Client] = [:]
        /// Since when nobody feeds it.
        var idleSince: RecordTime?
    }

    /// A session that nobody feeds is closed after this long: time for a recorder to start, or to come back to a new
    /// agent.
    static let grace = Duration.seconds(10)
    /// A recorder that closed its source is not coming back.
    static let graceAfterClose = Duration.seconds(1)

    private(set) var sessions: [SessionID: Open] = [:]

    mutating func open(_ session: SessionID, workspace: [UInt8], title: String, at now: RecordTime) {
        sessions[session] = Open(id: session, workspace: workspace, title: title, opened: now, idleSince: now)
    }

    /// The open session of the nearest workspace that encloses `path`; among equals the newest.
    func nearest(to path: [UInt8]) -> Open? {
        sessions.values.filter { Self.encloses($0.workspace, path) }
            .max { ($0.workspace.count, $0.opened) < ($1.workspace.count, $1.opened) }
    }

    mutating func feed(_ source: SourceID, in session: SessionID, by client: Client) {
        sessions[session]?.feeding[source] = client
        sessions[session]?.idleSince = nil
    }

    /// A source has closed by its own word.
    mutating func closed(_ source: SourceID, at now: RecordTime) {
        for id in sessions.keys { leave(id, at: now - Self.grace + Self.graceAfterClose) { $0.key == source } }
    }

    /// A client has gone.
    mutating func disconnected(_ client: Client, at now: RecordTime) {
        for id in sessions.keys { leave(id, at: now) { $0.value == client } }
    }

    private mutating func leave(_ id: SessionID, at time: RecordTime, where leaves: ((key: SourceID, value: Client)) -> Bool) {
        guard var session = sessions[id], session.feeding.contains(where: leaves) else { return }
        session.feeding = session.feeding.filter { !leaves($0) }
        if session.feeding.isEmpty { session.idleSince = time }
        sessions[id] = session
    }

    /// Takes out the sessions whose time has come, or all that nobody feeds.
    mutating func expire(at now: RecordTime, all: Bool = false) -> [Open] {
        let expired = sessions.values.filter { session in
            guard let idle = session.idleSince else { return false }
            return all || now - idle >= Self.grace
        }
        for session in expired { sessions[session.id] = nil }
        return expired
    }

    /// Whether a path lies in a workspace.
    static func encloses(_ workspace: [UInt8], _ path: [UInt8]) -> Bool {
        guard !workspace.isEmpty, path.starts(with: workspace) else { return false }
        return path.count == workspace.count || path[workspace.count] == UInt8(ascii: "/") || workspace.last == UInt8(ascii: "/")
    }
}
