import EventSchema

/// The one order in which the events of several sources are shown.
public enum MergedOrder {
    /// Merges streams that are in order each: by effective time, user, source, seq, index.
    public static func merge(_ streams: [(user: String, events: [TimedEvent])]) -> [TimedEvent] {
        let ranked = streams.filter { !$0.events.isEmpty }.sorted {
            ($0.user, $0.events[0].address.source) < ($1.user, $1.events[0].address.source)
        }
        if ranked.count == 1 { return ranked[0].events }
        var positions = [Int](repeating: 0, count: ranked.count)
        var merged: [TimedEvent] = []
        merged.reserveCapacity(ranked.reduce(0) { $0 + $1.events.count })
        var live = Array(ranked.indices)
        while !live.isEmpty {
            // Few streams at a time: a scan beats a heap. The rank decides among equal times.
            var best = live[0]
            for candidate in live.dropFirst()
            where ranked[candidate].events[positions[candidate]].time < ranked[best].events[positions[best]].time {
                best = candidate
            }
            merged.append(ranked[best].events[positions[best]])
            positions[best] += 1
            if positions[best] == ranked[best].events.count { live.removeAll { $0 == best } }
        }
        return merged
    }
}
