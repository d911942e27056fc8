import EventSchema

/// Where a capturing part puts what it saw. Redaction has happened before; numbering and sending happen behind.
///
/// Never blocks and may be called from any thread; events of one sink keep the order of the calls.
public protocol EventSink: Sendable {
    /// Records that `body` happened at `time`. A time before the last one of this sink counts as that one.
    func record(_ body: Event.OneOf_Body, at time: RecordTime)
}
