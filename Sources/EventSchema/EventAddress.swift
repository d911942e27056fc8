/// Where an event is: the source, the batch, its place in the batch.
public struct EventAddress: Hashable, Comparable, Sendable {
    public var source: SourceID
    public var seq: UInt64
    public var index: Int

    public init(source: SourceID, seq: UInt64, index: Int) {
        self.source = source
        self.seq = seq
        self.index = index
    }

    public static func < (a: EventAddress, b: EventAddress) -> Bool {
        (a.source, a.seq, a.index) < (b.source, b.seq, b.index)
    }
}

/// An event with its record time and its address: what every reader of a session gets.
public struct TimedEvent: Sendable, Equatable {
    public var time: RecordTime
    public var address: EventAddress
    public var event: Event

    public init(time: RecordTime, address: EventAddress, event: Event) {
        self.time = time
        self.address = address
        self.event = event
    }
}
