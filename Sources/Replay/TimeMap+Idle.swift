import EventSchema

extension TimeMap {
    /// How long a gap between two human events must be to count as a break between sittings.
    public static let sessionBreak = Duration.seconds(1800)
    /// The idle limit where nothing else is said.
    public static let idleLimit = Duration.seconds(2)
    /// How long the card of a cut stands.
    public static let cardLength = Duration.milliseconds(1200)

    /// The map that removes idle time.
    ///
    /// Gaps between human events up to `idleLimit` stay, longer ones take `idleLimit`, and what machines put out
    /// meanwhile is played within it; a gap beyond `sessionBreak` becomes a card. Speed comes last.
    ///
    /// - Parameters:
    ///   - idleLimit: nil: no gap is capped.
    ///   - speed: above 0; anything else counts as 1.
    public init(
        of activity: Activity, idleLimit: Duration? = idleLimit, speed: Double = 1,
        sessionBreak: Duration? = sessionBreak
    ) {
        guard let span = activity.span else {
            self.init(from: .epoch)
            return
        }
        self.init(from: span.lowerBound, isOpen: activity.isOpen)
        let speed = speed.isFinite && speed > 0 ? speed : 1
        var last = span.lowerBound
        for time in activity.humanTimes + [span.upperBound] where time > last {
            let gap = time - last
            if let sessionBreak, gap > sessionBreak {
                extend(to: time, length: Self.cardLength / speed, kind: .cut)
            } else if let idleLimit, gap > idleLimit {
                extend(to: time, length: max(idleLimit, .zero) / speed, kind: .capped)
            } else {
                extend(to: time, length: gap / speed, kind: .real, joining: true)
            }
            last = time
        }
    }
}
