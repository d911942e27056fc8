import EventSchema

/// How record time becomes play time: stretches that are played as they were, shortened or cut.
///
/// Both directions are monotone and belong together: an event at `t` is due at play time `p`, that is
/// `play(of: t) <= p`, exactly when `t <= record(at: p)`, for every `t` of the recording.
public struct TimeMap: Sendable, Equatable {
    /// What a stretch is, and so how a viewer draws it.
    public enum Kind: Sendable, Equatable {
        /// As it was, at the speed of the map.
        case real
        /// Nobody did anything; shortened.
        case capped
        /// A break; a card stands for it.
        case cut
        /// A scene played faster than it was.
        case condensed
        /// Left out, to fit a length.
        case skipped
        /// The frame stands still.
        case hold
    }

    /// A stretch of the map.
    public struct Stretch: Sendable, Equatable {
        public var kind: Kind
        public var record: ClosedRange<RecordTime>
        public var play: ClosedRange<Duration>

        /// How many times faster than it was; nil for a stretch that has no play time.
        public var factor: Double? {
            let shown = (play.upperBound - play.lowerBound).seconds
            return shown > 0 ? (record.upperBound - record.lowerBound).seconds / shown : nil
        }
    }

    /// The ends of the stretches, in µs; both columns never go back.
    private var record: [Int64]
    private var play: [Int64] = [0]
    private var kinds: [Kind] = []
    /// Record time behind the end goes on in real time.
    private let isOpen: Bool

    /// A map that begins at `start` and has no length yet.
    init(from start: RecordTime, isOpen: Bool = false) {
        record = [start.microseconds]
        self.isOpen = isOpen
    }

    /// Adds the stretch up to `end`, `length` long in play time. Neighbours that are played as they were become one.
    mutating func extend(to end: RecordTime, length: Duration, kind: Kind, joining: Bool = false) {
        let last = record.count - 1
        let end = max(end.microseconds, record[last])
        let length = max(length.wholeMicroseconds, 0)
        let (shown, overflow) = play[last].addingReportingOverflow(length)
        guard end > record[last] || length > 0 else { return }
        if joining, kinds.last == kind, last > 0 {
            record[last] = end
            play[last] = overflow ? .max : shown
        } else {
            record.append(end)
            play.append(overflow ? .max : shown)
            kinds.append(kind)
        }
    }

    public var start: RecordTime { RecordTime(microseconds: record.first ?? 0) }
    public var end: RecordTime { RecordTime(microseconds: record.last ?? 0) }
    /// How long the whole takes.
    public var total: Duration { .microseconds(play.last ?? 0) }

    /// The play time at which `time` is shown.
    public func play(of time: RecordTime) -> Duration {
        let time = time.microseconds
        let behind = Self.firstIndex(in: record) { $0 >= time }
        guard behind < record.count else {
            let (later, overflow) = time.subtractingReportingOverflow(record[record.count - 1])
            return isOpen && !overflow ? total + .microseconds(later) : total
        }
        guard behind > 0, record[behind] != time else { return .microseconds(play[behind]) }
        let passed = UInt128(Self.distance(record[behind - 1], time))
        let length = UInt128(Self.distance(record[behind - 1], record[behind]))
        let shown = UInt128(Self.distance(play[behind - 1], play[behind]))
        return .microseconds(play[behind - 1] + Int64(clamping: passed * shown / length))
    }

    /// The last record time that is shown at play time `position`.
    public func record(at position: Duration) -> RecordTime {
        let position = position.wholeMicroseconds
        let behind = Self.firstIndex(in: play) { $0 > position }
        guard behind > 0 else { return start }
        guard behind < play.count else {
            let (later, overflow) = position.subtractingReportingOverflow(play[play.count - 1])
            return isOpen && !overflow ? end.advanced(by: later) : end
        }
        let passed = UInt128(Self.distance(play[behind - 1], position))
        let length = UInt128(Self.distance(record[behind - 1], record[behind]))
        let shown = UInt128(Self.distance(play[behind - 1], play[behind]))
        guard length > 0 else { return RecordTime(microseconds: record[behind - 1]) }
        let moved = ((passed + 1) * length - 1) / shown
        return RecordTime(microseconds: record[behind - 1]).advanced(by: Int64(clamping: min(moved, length)))
    }

    /// All stretches, in order.
    public var stretches: [Stretch] {
        kinds.indices.map { index in
            Stretch(
                kind: kinds[index],
                record: RecordTime(microseconds: record[index])...RecordTime(microseconds: record[index + 1]),
                play: .microseconds(play[index]) ... .microseconds(play[index + 1]))
        }
    }

    /// The stretches that are shorter than they were because nobody did anything, or are left out.
    public var gaps: [Stretch] {
        stretches.filter { $0.kind == .capped || $0.kind == .cut || $0.kind == .skipped }
    }

    /// The stretch at a play time; nil in an empty map.
    public func stretch(at position: Duration) -> Stretch? {
        guard !kinds.isEmpty else { return nil }
        let behind = Self.firstIndex(in: play) { $0 > position.wholeMicroseconds }
        let index = min(max(behind - 1, 0), kinds.count - 1)
        return Stretch(
            kind: kinds[index],
            record: RecordTime(microseconds: record[index])...RecordTime(microseconds: record[index + 1]),
            play: .microseconds(play[index]) ... .microseconds(play[index + 1]))
    }

    private static func distance(_ a: Int64, _ b: Int64) -> UInt64 { UInt64(bitPattern: b &- a) }

    private static func firstIndex(in values: [Int64], where fits: (Int64) -> Bool) -> Int {
        var (low, high) = (0, values.count)
        while low < high {
            let middle = low + (high - low) / 2
            if fits(values[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
