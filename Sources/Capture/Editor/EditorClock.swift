import Foundation

/// How old a line is when it arrives, from the stamps of the editor's own clock.
struct EditorClock {
    private let isShared: Bool
    /// The least difference seen between one's own clock and the editor's: the line that was under way the shortest.
    private var leastDifference: Double?

    init(shared: Bool = false) { isShared = shared }

    /// The age of a line stamped `stamp` when one's own monotonic clock says `now`, both in ms; at most ten minutes.
    mutating func age(of stamp: Double?, now: Double) -> Duration {
        guard let stamp, stamp.isFinite else { return .zero }
        let difference = now - stamp
        let least = isShared ? 0 : min(leastDifference ?? difference, difference)
        leastDifference = least
        return .milliseconds(min(max(difference - least, 0), 600_000))
    }
}
