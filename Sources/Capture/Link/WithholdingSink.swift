import EventSchema
import SwiftProtobuf
import Synchronization

/// Passes events on, except while recording is paused: then only the pause itself is in the log.
public final class WithholdingSink: EventSink {
    private let sink: any EventSink
    private let state = Mutex((isPaused: false, withheld: 0))

    public init(_ sink: any EventSink) { self.sink = sink }

    /// Counts events that were withheld, and calls of `repeatTexts`. When it grows, whole texts must be given again.
    public var withheld: Int { state.withLock { $0.withheld } }

    public func record(_ body: Event.OneOf_Body, at time: RecordTime) {
        state.withLock { state in
            if state.isPaused { state.withheld += 1 } else { sink.record(body, at: time) }
        }
    }

    /// Has whole texts given again, for whoever has not heard what came before.
    public func repeatTexts() { state.withLock { $0.withheld += 1 } }

    /// Begins or ends a pause; says nothing where that changes nothing.
    public func set(paused: Bool, at time: RecordTime) {
        state.withLock { state in
            guard state.isPaused != paused else { return }
            state.isPaused = paused
            sink.record(
                paused ? .paused(.with { $0.reason = "asked" }) : .resumed(Resumed()), at: time.wholeMilliseconds)
        }
    }
}
