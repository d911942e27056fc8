import EventSchema

/// A cut of a recording that takes a wanted length: not everything faster, but each scene as long as it is worth.
///
/// If the recording with pauses of 2 s is short enough, nothing is cut and the pauses are as long as the length allows.
/// Else play time goes to scenes by effort; notable ones get at least 1.2 s, the last 10 minutes of work a fifth of the
/// whole, pauses at most a twentieth. Nothing is slower than it was.
public struct Fit: Sendable {
    public let map: TimeMap
    /// How many scenes are shown, of how many.
    public let shownScenes: Int
    public let totalScenes: Int
    /// The length that would show all; nil if all are shown.
    public let enough: Duration?
    public let wanted: Duration

    static let shortest = 1.2
    static let glimpse = 0.25
    static let lastStretch = Duration.seconds(600)
    static let lastShare = 0.2
    static let pauseShare = 0.05

    public init(_ wanted: Duration, of activity: Activity, scenes: Scenes) {
        let wanted = max(wanted, .milliseconds(1))
        self.wanted = wanted
        let capped = TimeMap(of: activity)
        guard capped.total > wanted, !scenes.all.isEmpty else {
            map = Self.longestPauses(of: activity, within: wanted)
            (shownScenes, totalScenes, enough) = (scenes.all.count, scenes.all.count, nil)
            return
        }
        let pieces = ScenePiece.pieces(of: activity, scenes: scenes)
        let shares = SceneShares(of: pieces, within: wanted.seconds)
        map = Self.map(of: pieces, lengths: shares.lengths, activity)
        shownScenes = shares.lengths.count { $0 != nil }
        totalScenes = pieces.count
        enough = shownScenes == totalScenes ? nil : Self.enough(for: pieces, above: wanted, atMost: capped.total)
    }

    /// What is not shown, in words: "5m shows 96 of 128 scenes, `--fit 7m` shows all"; nil if all is.
    public var sentence: String? {
        guard shownScenes < totalScenes else { return nil }
        var text = "\(DurationText.short(wanted)) shows \(shownScenes) of \(totalScenes) scenes"
        if let enough { text += ", `--fit \(DurationText.short(enough))` shows all" }
        return text
    }

    /// The map whose pauses are as long as `length` allows.
    private static func longestPauses(of activity: Activity, within length: Duration) -> TimeMap {
        let whole = TimeMap(of: activity, idleLimit: nil)
        guard whole.total > length else { return whole }
        let times = activity.humanTimes + (activity.span.map { [$0.upperBound] } ?? [])
        var gaps: [Int64] = []
        var fixed: Int64 = 0
        var last = activity.span?.lowerBound ?? .epoch
        for time in times where time > last {
            let gap = time - last
            if gap > TimeMap.sessionBreak {
                fixed += TimeMap.cardLength.wholeMicroseconds
            } else {
                gaps.append(gap.wholeMicroseconds)
            }
            last = time
        }
        var (low, high) = (Int64(0), TimeMap.sessionBreak.wholeMicroseconds)
        while low < high {
            let middle = low + (high - low + 1) / 2
            let total = gaps.reduce(fixed) { $0 + min($1, middle) }
            if total <= length.wholeMicroseconds { low = middle } else { high = middle - 1 }
        }
        return TimeMap(of: activity, idleLimit: .microseconds(low))
    }

    /// The next length people would name that leaves nothing out.
    private static func enough(for pieces: [ScenePiece], above wanted: Duration, atMost limit: Duration) -> Duration? {
        var length = wanted.components.seconds
        while length <= limit.components.seconds + 60 {
            length = length < 60 ? length + 1 : (length / 60 + 1) * 60
            if SceneShares.showsAll(pieces, within: Double(length)) { return .seconds(length) }
        }
        return nil
    }

    private static func map(of pieces: [ScenePiece], lengths: [Double?], _ activity: Activity) -> TimeMap {
        var map = TimeMap(from: activity.span?.lowerBound ?? .epoch, isOpen: activity.isOpen)
        for (piece, length) in zip(pieces, lengths) { piece.extend(&map, by: length) }
        return map
    }
}
