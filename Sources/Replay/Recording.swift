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
