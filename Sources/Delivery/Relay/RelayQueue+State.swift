import EventSchema

extension RelayQueue {
    /// Every source that is shared.
    public var sourceIDs: [SourceID] { Array(sources.keys) }

    /// Batches that the team's archive does not have yet, as far as it said.
    public var unsent: UInt64 {
        sources.values.reduce(0) { $0 + ($1.head > $1.watermark ? $1.head - $1.watermark : 0) }
    }

    /// Batches of one session that the team's archive does not have yet.
    public func unsent(of session: SessionID) -> UInt64 {
        sources.values.reduce(0) {
            $1.session == session && $1.head > $1.watermark ? $0 + ($1.head - $1.watermark) : $0
        }
    }

    /// How far the team has a source; nil if it is not shared.
    public func watermark(of source: SourceID) -> UInt64? { sources[source]?.watermark }

    /// What an earlier run knew of the team's archive: where to begin if it does not answer.
    public mutating func remember(_ watermarks: [SourceID: UInt64]) {
        for (id, seq) in watermarks {
            guard let source = sources[id], source.watermark == 0 else { continue }
            sources[id]?.watermark = seq
            rewind(id, to: max(source.sent, min(seq, source.head)))
        }
    }

    /// Messages that the broker has not confirmed.
    public var inFlight: Int { flights.count }

    /// When there may be something to do again without anything happening before; nil if there is no such time.
    public func wakeUp(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        var times: [ContinuousClock.Instant] = []
        if case .asking(let until) = phase { times.append(until) }
        if phase == .sending {
            if let pausedUntil { times.append(pausedUntil) }
            times += sources.values.filter { $0.watermark < $0.head }.map { $0.movedAt + $0.patience }
        }
        return times.min()
    }
}
