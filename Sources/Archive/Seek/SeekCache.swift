import EventSchema
import Model

/// What seeks leave behind for the next one: unpacked blocks, and states at the ends of blocks. Bounded in memory; the
/// ones not used for longest go first.
struct SeekCache {
    /// A state after the last event of the batch `seq`.
    struct StateKey: Hashable {
        var source: SourceID
        var lanes: UInt8
        var seq: UInt64
    }

    /// Rough bytes of memory, for each of the two kinds.
    static let largestSize = 48 << 20
    static let mostStates = 512

    private var blocks = RecentValues<Int64, SoughtBlock>(largestCost: largestSize, mostValues: 4096)
    private var states = RecentValues<StateKey, SourceModel>(largestCost: largestSize, mostValues: mostStates)

    func contains(block arrival: Int64) -> Bool { blocks.contains(arrival) }

    /// An arrival number is never used twice for other content: what is found under it is right for ever.
    mutating func block(_ arrival: Int64) -> SoughtBlock? { blocks[arrival] }

    mutating func keep(_ block: SoughtBlock, arrival: Int64) { blocks.insert(block, for: arrival, cost: block.cost) }

    /// The newest known state of a source that is not after `time`.
    mutating func state(of source: SourceID, at time: RecordTime, _ lanes: SourceModel.Lanes) -> SourceModel? {
        let key = states.newest { key, model in
            key.source == source && key.lanes == lanes.rawValue && model.time <= time ? key.seq : nil
        }
        return key.flatMap { states[$0] }
    }

    mutating func keep(_ model: SourceModel) {
        let key = StateKey(source: model.source, lanes: model.lanes.rawValue, seq: model.seq)
        states.insert(model, for: key, cost: model.footprint)
    }
}

/// Values within a budget; the one not used for longest goes first.
struct RecentValues<Key: Hashable, Value> {
    private struct Entry {
        var value: Value
        var cost: Int
        var used: UInt64
    }

    private let largestCost: Int
    private let mostValues: Int
    private var entries: [Key: Entry] = [:]
    private var cost = 0
    private var uses: UInt64 = 0

    init(largestCost: Int, mostValues: Int) {
        self.largestCost = largestCost
        self.mostValues = mostValues
    }

    func contains(_ key: Key) -> Bool { entries[key] != nil }

    subscript(key: Key) -> Value? {
        mutating get {
            guard let place = entries.index(forKey: key) else { return nil }
            uses &+= 1
            entries.values[place].used = uses
            return entries.values[place].value
        }
    }

    /// Of the values that `rank` gives a number, the key of the one with the greatest.
    func newest(by rank: (Key, Value) -> UInt64?) -> Key? {
        var best: (key: Key, rank: UInt64)?
        for (key, entry) in entries {
            if let rank = rank(key, entry.value), rank >= best?.rank ?? 0 { best = (key, rank) }
        }
        return best?.key
    }

    /// A value dearer than a quarter of the budget is not kept: it would drive out all others.
    mutating func insert(_ value: Value, for key: Key, cost: Int) {
        guard cost <= largestCost / 4 else { return }
        if let old = entries.removeValue(forKey: key) { self.cost -= old.cost }
        uses &+= 1
        entries[key] = Entry(value: value, cost: cost, used: uses)
        self.cost += cost
        while self.cost > largestCost || entries.count > mostValues,
            let oldest = entries.min(by: { $0.value.used < $1.value.used })
        {
            entries[oldest.key] = nil
            self.cost -= oldest.value.cost
        }
    }
}
