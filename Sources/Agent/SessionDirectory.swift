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
        /// Those of them that a person ends on purpose: when the last of these closes, the recording is over, whatever
        /// editor is still open.
        var holding: Set<SourceID> = []
        /// Whether a workspace that is always recorded made it: it outlives the terminals in it.
        var isAlwaysOn = false
        /// When its last event was, if it was open under an agent that died and nobody has come back to it yet.
        var leftAt: RecordTime?
        /// Since when it waits for somebody; nil while it is fed.
        var idleSince: RecordTime?
        /// When it ends if nobody comes; by a clock that is never set.
        var expires: ContinuousClock.Instant?
    }

    /// A session that nobody feeds is closed after this long: time for a recorder to start, or to come back to a new
    /// agent.
    static let grace = Duration.seconds(10)
    /// A recorder that closed its source is not coming back.
    static let graceAfterClose = Duration.seconds(1)
    /// In a workspace that is always recorded, the next editor goes on with the same session.
    static let graceAlwaysOn = Duration.seconds(60)
    /// So long a new agent waits for the recorders of the one that died.
    static let graceOfReturn = Duration.seconds(20)

    private(set) var sessions: [SessionID: Open] = [:]

    /// - Parameter instant: now, by the clock that decides.
    mutating func open(
        _ session: SessionID, workspace: [UInt8], title: String, isAlwaysOn: Bool = false, at now: RecordTime,
        _ instant: ContinuousClock.Instant
    ) {
        sessions[session] = Open(
            id: session, workspace: workspace, title: title, opened: now, isAlwaysOn: isAlwaysOn, idleSince: now,
            expires: instant + Self.grace)
    }

    /// A session that was open under an agent that died: whoever comes may join it, as long as its recorders may still
    /// come back.
    ///
    /// - Parameter last: when its last event was.
    mutating func expect(
        _ session: SessionID, workspace: [UInt8], title: String, last: RecordTime, _ instant: ContinuousClock.Instant
    ) {
        guard sessions[session] == nil else { return }
        sessions[session] = Open(
            id: session, workspace: workspace, title: title, opened: last, leftAt: last, idleSince: last,
            expires: instant + Self.graceOfReturn)
    }

    /// Takes out a session that could not be opened, that was expected and did not come, or one that nobody holds with a terminal.
    mutating func remove(_ session: SessionID) -> Open? { sessions.removeValue(forKey: session) }

    /// The open session of the nearest workspace that encloses `path`; among equals the newest.
    func nearest(to path: [UInt8]) -> Open? {
        sessions.values.filter { Self.encloses($0.workspace, path) }
            .max { ($0.workspace.count, $0.opened) < ($1.workspace.count, $1.opened) }
    }

    /// - Parameter holds: whether it is a terminal, which a person ends on purpose.
    mutating func feed(_ source: SourceID, in session: SessionID, by client: Client, holds: Bool) {
        guard var open = sessions[session] else { return }
        open.feeding[source] = client
        if holds { open.holding.insert(source) }
        (open.idleSince, open.expires, open.leftAt) = (nil, nil, nil)
        sessions[session] = open
    }

    /// A source has closed by its own word.
    mutating func closed(_ source: SourceID, at now: RecordTime, _ instant: ContinuousClock.Instant) {
        for (id, open) in sessions where open.feeding[source] != nil {
            var open = open
            open.feeding[source] = nil
            let wasLast = open.holding.remove(source) != nil && open.holding.isEmpty && !open.isAlwaysOn
            if wasLast || open.feeding.isEmpty {
                let grace = open.isAlwaysOn ? Self.graceAlwaysOn : Self.graceAfterClose
                (open.idleSince, open.expires) = (now, instant + grace)
            }
            sessions[id] = open
        }
    }

    /// A client has gone without a word.
    mutating func disconnected(_ client: Client, at now: RecordTime, _ instant: ContinuousClock.Instant) {
        for (id, open) in sessions where open.feeding.values.contains(client) {
            var open = open
            let gone = open.feeding.filter { $0.value == client }.keys
            for source in gone { open.feeding[source] = nil }
            open.holding.subtract(gone)
            if open.feeding.isEmpty, open.idleSince == nil {
                (open.idleSince, open.expires) = (now, instant + Self.grace)
            }
            sessions[id] = open
        }
    }

    /// Takes out the sessions whose time has come, or all that nobody feeds.
    mutating func expire(_ instant: ContinuousClock.Instant, all: Bool = false) -> [Open] {
        let expired = sessions.values.filter { session in
            guard let expires = session.expires else { return false }
            return all || instant >= expires
        }
        for session in expired { sessions[session.id] = nil }
        return expired
    }

    /// Whether a path lies in a workspace.
    static func encloses(_ workspace: [UInt8], _ path: [UInt8]) -> Bool {
        guard !workspace.isEmpty, path.starts(with: workspace) else { return false }
        return path.count == workspace.count || path[workspace.count] == UInt8(ascii: "/")
            || workspace.last == UInt8(ascii: "/")
    }
}
