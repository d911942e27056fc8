import EventSchema

/// Makes of the stamps of one source times that never go back.
///
/// Clocks in old recordings jump: a stamp before 2000 takes the next good one; a step back of at most 60 s counts
/// as 0; a larger one carries an offset, so that time goes on from where it was, until the stamps have caught up.
public struct EffectiveTime: Sendable, Equatable {
    /// Stamps before it were made by a clock that was not set: 2000-01-01T00:00:00Z.
    public static let earliest = RecordTime(microseconds: 946_684_800_000_000)
    /// Later stamps count as this one: 9999-12-31T00:00:00Z.
    public static let latest = RecordTime(microseconds: 253_402_214_400_000_000)
    /// A step back of at most this much counts as none.
    public static let tolerance = Duration.seconds(60)

    private var last: RecordTime?
    private var offset = Duration.zero

    public init() {}

    /// The effective time of the next event.
    ///
    /// - Parameter nextGood: the first stamp behind this one that is not before 2000; only looked at where this one
    ///   is. Without one, time stands still.
    public mutating func repair(_ stamp: RecordTime, nextGood: RecordTime? = nil) -> RecordTime {
        let known = stamp >= Self.earliest ? stamp : max(nextGood ?? last ?? Self.earliest, Self.earliest)
        let good = min(known, Self.latest)
        guard let last else {
            last = good
            return good
        }
        if good >= last {
            offset = .zero
        } else if last - (good + offset) > Self.tolerance {
            offset = last - good
        }
        let time = min(max(last, good + offset), Self.latest)
        self.last = time
        return time
    }

    /// The effective times of all stamps of a source, in their order.
    public static func repair(_ stamps: [RecordTime]) -> [RecordTime] {
        var nextGood: [RecordTime?] = Array(repeating: nil, count: stamps.count)
        var next: RecordTime?
        for index in stamps.indices.reversed() {
            if stamps[index] >= earliest { next = stamps[index] }
            nextGood[index] = next
        }
        var effective = EffectiveTime()
        return zip(stamps, nextGood).map { effective.repair($0, nextGood: $1) }
    }
}
