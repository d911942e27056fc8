import Foundation
import SwiftProtobuf

/// A batch that has passed every check that needs nothing but its bytes.
public struct CheckedBatch: Sendable, Equatable {
    /// The bytes the source wrote; what is stored, sent and hashed.
    public let encoded: [UInt8]
    public let batch: Batch
    public let source: SourceID
    public let session: SessionID
    public let hash: ContentHash
    /// The hash of the batch before; nil for seq 1.
    public let previous: ContentHash?

    public var seq: UInt64 { batch.seq }

    /// The events with their record times, in order.
    public var timedEvents: [TimedEvent] {
        var time = RecordTime(microseconds: batch.timeUs)
        return batch.events.enumerated().map { index, event in
            time = time.advanced(by: Int64(clamping: event.deltaUs))
            return TimedEvent(time: time, address: EventAddress(source: source, seq: seq, index: index), event: event)
        }
    }

    /// The time of the last event.
    public var endTime: RecordTime {
        batch.events.reduce(RecordTime(microseconds: batch.timeUs)) { $0.advanced(by: Int64(clamping: $1.deltaUs)) }
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
            encoded: encoded, batch: batch, source: source, session: session, hash: ContentHash(of: encoded),
            previous: previous)
    }

    /// Reads a batch and checks all that can be checked without an archive.
    ///
    /// - Throws: `SchemaError` with `.malformed`, `.version`, `.limit` or `.value`.
    public static func decode(_ encoded: [UInt8]) throws(SchemaError) -> CheckedBatch {
        guard encoded.count <= largestBatch else {
            throw SchemaError(.limit, "a batch of \(encoded.count) bytes, more than \(largestBatch)")
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
        guard batch.seq >= 1, batch.seq <= UInt64(Int64.max) else {
            throw SchemaError(.value, "seq \(batch.seq) is out of range", at: "seq")
        }
        guard !batch.events.isEmpty else { throw SchemaError(.value, "a batch without events", at: "events") }
        let previous = ContentHash(bytes: batch.previous)
        guard (batch.seq == 1) == batch.previous.isEmpty, batch.previous.isEmpty || previous != nil else {
            throw SchemaError(
                .value, "a predecessor hash of \(batch.previous.count) bytes at seq \(batch.seq)", at: "previous")
        }
        try checkTimes(of: batch)
        return CheckedBatch(
            encoded: encoded, batch: batch, source: source, session: session, hash: ContentHash(of: encoded),
            previous: previous)
    }

    private static func checkTimes(of batch: Batch) throws(SchemaError) {
        // Years 0 to 9999 or so: outside them a stamp is an error, and sums of two stay far from overflow.
        let range: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999
        guard range.contains(batch.timeUs) else {
            throw SchemaError(.value, "a time outside the calendar", at: "time_us")
        }
        var time = batch.timeUs
        for (index, event) in batch.events.enumerated() {
            let (sum, overflow) = time.addingReportingOverflow(Int64(clamping: event.deltaUs))
            guard !overflow, range.contains(sum) else {
                throw SchemaError(.value, "a time outside the calendar", at: "events[\(index)].delta_us")
            }
            time = sum
        }
    }
}
