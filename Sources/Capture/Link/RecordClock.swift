import EventSchema
import Synchronization

/// Record time for one process: the wall clock as the agent read it once in this boot, advanced by a clock that
/// counts sleep and never steps.
public final class RecordClock: Sendable {
    private let base = ContinuousClock.now
    private let anchor: Mutex<RecordTime>

    /// A clock that says `anchor` now.
    public init(anchor: RecordTime) { self.anchor = Mutex(anchor) }

    public var now: RecordTime {
        let elapsed = ContinuousClock.now - base
        return anchor.withLock { $0 + elapsed }
    }

    /// Sets the clock to say `time` now; returns how far it was moved.
    @discardableResult
    public func set(to time: RecordTime) -> Duration {
        let elapsed = ContinuousClock.now - base
        return anchor.withLock { anchor in
            let moved = time - (anchor + elapsed)
            anchor = time - elapsed
            return moved
        }
    }
}
