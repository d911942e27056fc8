import EventSchema

extension RelayQueue {
    /// Every source that is shared.
    public var sourceIDs: [SourceID] { Array(sources.keys) }

    /// Batches that the team's archive does not have yet, as far as it said.
    public var unsent: UInt64 {
        var total: UInt64 = 0
        for source in sources.values { total += source.unsent }
        return total
    }

    /// Batches of one session that the team's archive does not have yet.
    public func unsent(of session: SessionID) -> UInt64 {
        var total: UInt64 = 0
        for source in sources.values where source.session == session { total += source.unsent }
        return total
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

extension RelayQueue.Source {
    /// Batches above the watermark.
    var unsent: UInt64 { head > watermark ? head - watermark : 0 }
}
