import EventSchema

/// What a player gets: one or several sessions, their sources, and the events of all in merged order.
public struct Recording: Sendable {
    public var sessions: [SessionInfo]
    public var sources: [SourceInfo]
    /// In merged order; their times never go back.
    public private(set) var events: [TimedEvent]

    /// A recording of `events`, which must be in merged order.
    ///
    /// A time that goes back is held at the one before it, so that "the state at T" is always a prefix.
    public init(sessions: [SessionInfo], sources: [SourceInfo], events: [TimedEvent]) {
        self.sessions = sessions
        self.sources = sources
        self.events = []
        append(events)
    }

    /// Adds what came after the events so far.
    public mutating func append(_ later: [TimedEvent]) {
        events.reserveCapacity(events.count + later.count)
        var last = events.last?.time ?? .distantPast
        for var event in later {
            if event.time < last { event.time = last }
            last = event.time
            events.append(event)
        }
    }

    public var isEmpty: Bool { events.isEmpty }
    /// The time of the first event; the epoch if there is none.
    public var start: RecordTime { events.first?.time ?? .epoch }
    public var end: RecordTime { events.last?.time ?? .epoch }
    /// Whether a session of it is still open.
    public var isLive: Bool { sessions.contains { $0.ended == nil } }

    /// How many events have a time ≤ `time`: the prefix that is the state at that moment.
    public func count(through time: RecordTime) -> Int {
        var (low, high) = (0, events.count)
        while low < high {
            let middle = low + (high - low) / 2
            if events[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Recording {
    /// A source that is known by now, or better known.
    mutating func add(_ source: SourceInfo) {
        guard let place = sources.firstIndex(where: { $0.id == source.id }) else { return sources.append(source) }
        if sources[place].kind == .unspecified { sources[place].kind = source.kind }
        if !source.program.isEmpty { sources[place].program = source.program }
    }

    mutating func name(_ source: SourceID, program: String) {
        if let place = sources.firstIndex(where: { $0.id == source }) { sources[place].program = program }
    }

    /// A session that is known by now, in place of what was known of it.
    mutating func put(_ session: SessionInfo) {
        if let place = sessions.firstIndex(where: { $0.id == session.id }) {
            sessions[place] = session
        } else {
            sessions.append(session)
        }
    }

    /// The session whose own source tells that it was opened.
    mutating func put(_ opened: SessionOpened, of timed: TimedEvent) {
        guard let source = sources.first(where: { $0.id == timed.address.source }) else { return }
        put(
            SessionInfo(
                id: source.session, title: opened.title, workspace: Array(opened.workspace), user: source.user,
                host: opened.host, started: timed.time, reach: opened.reach))
    }

    /// The session whose own source tells that it was closed.
    mutating func close(_ timed: TimedEvent) {
        guard let source = sources.first(where: { $0.id == timed.address.source }),
            let place = sessions.firstIndex(where: { $0.id == source.session })
        else { return }
        sessions[place].ended = timed.time
    }
}
