import EventSchema

/// The agent's own source in a session: its opening, its end, notes, environments, pauses.
struct SessionRecord {
    let session: SessionID
    let source: SourceID
    private var seq: UInt64 = 0
    private var last: ContentHash?
    private var lastTime: RecordTime

    /// A new source, and the batch that opens it.
    static func open(
        session: SessionID, at now: RecordTime, source opened: SourceOpened, events: [Event]
    ) -> (record: SessionRecord, batch: CheckedBatch) {
        var record = SessionRecord(session: session, source: .make(at: now), lastTime: now)
        let batch = record.batch([Event(.sourceOpened(opened))] + events, at: now)
        return (record, batch)
    }

    /// A source that holds just these events.
    static func single(
        session: SessionID, at now: RecordTime, source opened: SourceOpened, events: [Event]
    ) -> CheckedBatch {
        open(session: session, at: now, source: opened, events: events + [Event(.sourceClosed(SourceClosed()))]).batch
    }

    private init(session: SessionID, source: SourceID, lastTime: RecordTime) {
        self.session = session
        self.source = source
        self.lastTime = lastTime
    }

    /// The next batch of this source.
    mutating func batch(_ events: [Event], at time: RecordTime) -> CheckedBatch {
        seq += 1
        lastTime = max(lastTime, time)
        let batch = BatchCodec.encode(
            source: source, session: session, seq: seq, previous: last, events: events.map { (lastTime, $0) })
        last = batch.hash
        return batch
    }
}
