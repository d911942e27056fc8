import EventSchema

/// Record time for one process: the wall clock as the agent read it once in this boot, advanced by a clock that
/// counts sleep and never steps.
public struct RecordClock: Sendable {
    private let anchor: RecordTime
    private let anchorInstant: ContinuousClock.Instant

    /// A clock that says `anchor` at the instant `at`.
    public init(anchor: RecordTime, at instant: ContinuousClock.Instant = .now) {
        self.anchor = anchor
        self.anchorInstant = instant
    }

    public var now: RecordTime { anchor + (ContinuousClock.now - anchorInstant) }
}
