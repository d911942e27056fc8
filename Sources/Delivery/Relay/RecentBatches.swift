import EventSchema

/// Batches that were just committed, so that sending them needs no look into the archive.
struct RecentBatches {
    /// Beyond this the archive is read instead.
    static let most = 256

    private var batches: [CheckedBatch] = []

    mutating func add(_ batch: CheckedBatch) {
        if batches.count >= Self.most || batches.last.map({ $0.seq + 1 != batch.seq }) ?? false { batches = [] }
        batches.append(batch)
    }

    /// The batches behind `seq` without a hole, at most `count`; empty if they do not begin there.
    mutating func take(after seq: UInt64, count: Int) -> [CheckedBatch] {
        batches.removeAll { $0.seq <= seq }
        guard batches.first?.seq == seq + 1 else { return [] }
        let taken = Array(batches.prefix(count))
        batches.removeFirst(taken.count)
        return taken
    }
}
