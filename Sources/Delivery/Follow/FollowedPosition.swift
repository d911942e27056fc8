import Archive
import EventSchema
import Model

/// One source as a follower has it: how far it is, what waits behind a hole, what is asked.
struct FollowedPosition: Sendable {
    /// What waits behind a hole at most; what is more is asked for again when its turn comes.
    static let mostHeld = 4096
    static let mostHeldBytes = 16 << 20

    /// How many batches a new source has at most that is told from its first one; with more it has a past.
    static let mostYoung: UInt64 = 64

    enum Request: Sendable, Equatable { case keyframe, range, skipped }

    let source: FollowedSource
    /// The last batch that was told; nil: nothing yet.
    var head: SourceHead?
    /// The highest batch that is known to exist.
    var known: UInt64 = 0
    /// Of what was told.
    var newest = RecordTime.distantPast
    private(set) var held: [UInt64: CheckedBatch] = [:]
    private(set) var heldBytes = 0
    /// Under way.
    var request: (number: UInt64, what: Request, deadline: ContinuousClock.Instant)?
    /// The archive had nothing new: not asked again before.
    var notBefore: ContinuousClock.Instant?
    var patience = FollowQueue.firstPatience
    /// Whether it came up after the archive had said what there is.
    var isNew = false
    /// Batches that a keyframe stepped over.
    var skipped: [ClosedRange<UInt64>] = []

    init(_ source: FollowedSource) { self.source = source }

    var isJoined: Bool { head != nil }
    var missing: UInt64 { head.map { known > $0.seq ? known - $0.seq : 0 } ?? 0 }
    /// Whether all of it happened while it was followed: it is told from its first batch.
    var isYoung: Bool { head == nil && isNew && known <= Self.mostYoung }
    var isComplete: Bool { isJoined && missing == 0 }

    /// The first batch that waits.
    var firstHeld: UInt64? { held.keys.min() }

    /// Keeps a batch that cannot be told yet.
    mutating func hold(_ batch: CheckedBatch) {
        guard held[batch.seq] == nil, held.count < Self.mostHeld, heldBytes < Self.mostHeldBytes else { return }
        held[batch.seq] = batch
        heldBytes += batch.encoded.count
    }

    /// Takes a batch if it is the next one.
    ///
    /// - Returns: its events; nil if it is not what follows the head.
    mutating func take(_ batch: CheckedBatch) -> [TimedEvent]? {
        guard let head, batch.seq == head.seq + 1, head.hash == nil || batch.previous == head.hash else { return nil }
        self.head = SourceHead(seq: batch.seq, hash: batch.hash)
        return batch.timedEvents
    }

    /// The events of what was held and comes next; what is behind the head is let go.
    mutating func drain() -> [TimedEvent] {
        guard let start = head?.seq, !held.isEmpty else { return [] }
        for (seq, batch) in held where seq <= start { drop(batch) }
        var events: [TimedEvent] = []
        while let seq = head?.seq, let batch = held[seq + 1] {
            drop(batch)
            guard let more = take(batch) else { break }
            events += more
        }
        return events
    }

    /// Stands at `place`; what lay between is stepped over.
    mutating func stand(at place: SourceHead) {
        if let head, place.seq > head.seq { skipped.append(head.seq + 1...place.seq) }
        head = place
        known = max(known, place.seq)
        for (seq, batch) in held where seq <= place.seq { drop(batch) }
    }

    private mutating func drop(_ batch: CheckedBatch) {
        if held.removeValue(forKey: batch.seq) != nil { heldBytes -= batch.encoded.count }
    }
}
