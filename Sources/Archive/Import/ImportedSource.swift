import EventSchema
import SwiftProtobuf

/// One source of an imported session: its events with effective times, which do not go back.
public struct ImportedSource: Sendable {
    /// The most events in one batch.
    public static let mostEvents = 512
    /// The most bytes of events in one batch.
    public static let mostBytes = 64 * 1024

    public let id: SourceID
    public let kind: SourceKind
    /// The format it came in: "asciicast v2".
    public let program: String
    public var events: [(time: RecordTime, event: Event)]

    /// The source as batches, from its opening to its closing.
    ///
    /// - Parameter user: whose session it becomes; it is written into the opening events.
    public func batches(session: SessionID, user: String) -> [CheckedBatch] {
        var opened = SourceOpened()
        opened.kind = kind
        opened.program = program
        opened.user = user
        var closed = SourceClosed()
        closed.reason = "imported"
        let start = events.first?.time ?? EffectiveTime.earliest
        var all = [(time: start, event: Event(.sourceOpened(opened)))] + events
        all.append((time: events.last?.time ?? start, event: Event(.sourceClosed(closed))))

        var batches: [CheckedBatch] = []
        var gathered: [(time: RecordTime, event: Event)] = []
        var size = 0
        func cut() {
            guard !gathered.isEmpty else { return }
            batches.append(
                BatchCodec.encode(
                    source: id, session: session, seq: UInt64(batches.count) + 1, previous: batches.last?.hash,
                    events: gathered))
            gathered.removeAll(keepingCapacity: true)
            size = 0
        }
        for (time, event) in all {
            var event = event
            if case .sessionOpened(var opened) = event.body {
                opened.user = user
                event.body = .sessionOpened(opened)
            }
            let eventSize = ((try? event.serializedBytes() as [UInt8])?.count ?? 0) + Self.fieldOverhead
            if size + eventSize > Self.mostBytes || gathered.count == Self.mostEvents { cut() }
            gathered.append((time: time, event: event))
            size += eventSize
        }
        cut()
        return batches
    }

    /// An event's tag, length and time in its batch.
    private static let fieldOverhead = 16
}
