import Foundation
import SwiftProtobuf

/// A batch that has passed every check that needs nothing but its bytes.
public struct CheckedBatch: Sendable, Equatable {
    /// The bytes the source wrote; what is stored, sent and hashed.
    public let encoded: [UInt8]
    public let source: SourceID
    public let session: SessionID
    public let seq: UInt64
    /// The time of the first event.
    public let startTime: RecordTime
    /// Each with the time since the one before it.
    public let events: [Event]
    /// Fields of a later version, kept as they came.
    let unknownFields: UnknownStorage
    public let hash: ContentHash
    /// The hash of the batch before; nil for seq 1.
    public let previous: ContentHash?
    /// The time of the last event.
    public let endTime: RecordTime

    /// The message that `encoded` reads as.
    public var batch: Batch {
        var batch = Batch()
        batch.version = BatchCodec.version
        batch.source = Data(source.bytes)
        batch.session = Data(session.bytes)
        batch.seq = seq
        if let previous { batch.previous = Data(previous.bytes) }
        batch.timeUs = startTime.microseconds
        batch.events = events
        batch.unknownFields = unknownFields
        return batch
    }

    /// The events with their record times, in order.
    public var timedEvents: [TimedEvent] {
        var time = startTime
        return events.enumerated().map { index, event in
            time = time.advanced(by: Int64(clamping: event.deltaUs))
            return TimedEvent(time: time, address: EventAddress(source: source, seq: seq, index: index), event: event)
        }
    }
}

/// Encodes batches, and checks those that come from outside.
public enum BatchCodec {
    public static let version: UInt32 = 1
    /// No event is larger; longer text and bytes go before it as pieces.
    public static let largestEvent = 32 * 1024
    /// What fits in the fields around the bytes of an event.
    public static let eventOverhead = 8 * 1024
    /// A source hands over at most this much at once.
    public static let largestBatch = 64 * 1024 + largestEvent + eventOverhead

    /// Makes the next batch of a source.
    ///
    /// - Parameter events: with their times, which must not go back. Their `deltaUs` is set here.
    public static func encode(
        source: SourceID, session: SessionID, seq: UInt64, previous: ContentHash?,
        events: [(time: RecordTime, event: Event)]
    ) -> CheckedBatch {
        var batch = Batch()
        batch.version = version
        batch.source = Data(source.bytes)
        batch.session = Data(session.bytes)
        batch.seq = seq
        if let previous { batch.previous = Data(previous.bytes) }
        var last = events.first?.time ?? .epoch
        batch.timeUs = last.microseconds
        batch.events = events.map { time, event in
            var event = event
            event.deltaUs = UInt64(
                clamping: time.microseconds.subtractingReportingOverflow(last.microseconds).partialValue)
            last = max(last, time)
            return event
        }
        let encoded: [UInt8] = (try? batch.serializedBytes()) ?? []
        return CheckedBatch(
            encoded: encoded, source: source, session: session, seq: seq,
            startTime: RecordTime(microseconds: batch.timeUs), events: batch.events,
            unknownFields: batch.unknownFields, hash: ContentHash(of: encoded), previous: previous, endTime: last)
    }

    /// Reads a batch and checks all that can be checked without an archive.
    ///
    /// - Throws: `SchemaError` with `.malformed`, `.version`, `.limit` or `.value`.
    public static func decode(_ encoded: [UInt8]) throws(SchemaError) -> CheckedBatch {
        guard encoded.count <= largestBatch else {
            throw SchemaError(.limit, "a batch of \(encoded.count) bytes, more than \(largestBatch)")
        }
        if let outline = BatchOutline(encoded) {
            return try check(
                outline.events, unknownFields: UnknownStorage(), encoded: encoded, source: outline.source,
                session: outline.session, seq: outline.seq, previous: outline.previous, timeUs: outline.timeUs)
        }
        let batch: Batch
        do {
            batch = try Batch(serializedBytes: encoded)
        } catch {
            throw SchemaError(.malformed, "not a batch", underlying: error)
        }
        guard batch.version == version else {
            throw SchemaError(
                .version, "a batch of version \(batch.version); this program knows \(version)", at: "version")
        }
        guard let source = SourceID(bytes: batch.source) else {
            throw SchemaError(.value, "a source of \(batch.source.count) bytes, not 16", at: "source")
        }
        guard let session = SessionID(bytes: batch.session) else {
            throw SchemaError(.value, "a session of \(batch.session.count) bytes, not 16", at: "session")
        }
        let previous = ContentHash(bytes: batch.previous)
        guard batch.previous.isEmpty || previous != nil else {
            throw SchemaError(
                .value, "a predecessor hash of \(batch.previous.count) bytes at seq \(batch.seq)", at: "previous")
        }
        return try check(
            batch.events, unknownFields: batch.unknownFields, encoded: encoded, source: source, session: session,
            seq: batch.seq, previous: previous, timeUs: batch.timeUs)
    }

    private static func check(
        _ events: [Event], unknownFields: UnknownStorage, encoded: [UInt8], source: SourceID, session: SessionID,
        seq: UInt64, previous: ContentHash?, timeUs: Int64
    ) throws(SchemaError) -> CheckedBatch {
        guard seq >= 1, seq <= UInt64(Int64.max) else {
            throw SchemaError(.value, "seq \(seq) is out of range", at: "seq")
        }
        guard !events.isEmpty else { throw SchemaError(.value, "a batch without events", at: "events") }
        guard (seq == 1) == (previous == nil) else {
            throw SchemaError(
                .value, "a predecessor hash of \(previous?.bytes.count ?? 0) bytes at seq \(seq)", at: "previous")
        }
        let endTime = try endTime(of: events, from: timeUs)
        return CheckedBatch(
            encoded: encoded, source: source, session: session, seq: seq, startTime: RecordTime(microseconds: timeUs),
            events: events, unknownFields: unknownFields, hash: ContentHash(of: encoded), previous: previous,
            endTime: endTime)
    }

    /// - Returns: the time of the last event.
    private static func endTime(of events: [Event], from timeUs: Int64) throws(SchemaError) -> RecordTime {
        // Years 0 to 9999 or so: outside them a stamp is an error, and sums of two stay far from overflow.
        let range: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999
        guard range.contains(timeUs) else {
            throw SchemaError(.value, "a time outside the calendar", at: "time_us")
        }
        var time = timeUs
        for index in events.indices {
            let (sum, overflow) = time.addingReportingOverflow(Int64(clamping: events[index].deltaUs))
            guard !overflow, range.contains(sum) else {
                throw SchemaError(.value, "a time outside the calendar", at: "events[\(index)].delta_us")
            }
            time = sum
        }
        return RecordTime(microseconds: time)
    }
}
