import Foundation
import SwiftProtobuf

/// Whole batches in JSON, without loss: the batch read from the JSON of a batch is that batch.
public enum BatchJSON {
    /// The version of the form; a reader refuses others.
    public static let version = 1

    /// A batch as an object; `docs/JSON.md` describes it.
    public static func encode(_ batch: CheckedBatch) -> JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            (key: "version", value: .integer(Int64(version))),
            (key: "session", value: .string(batch.session.description)),
            (key: "source", value: .string(batch.source.description)),
            (key: "seq", value: JSONKind<UInt64>.count.write(batch.seq)),
        ]
        if let previous = batch.previous { members.append((key: "previous", value: .string(previous.description))) }
        members.append((key: "time", value: .string(batch.startTime.rfc3339)))
        let events = batch.timedEvents.map { timed in
            JSONValue.object(
                [(key: "time", value: .string(timed.time.rfc3339))] + (EventJSON.body(of: timed.event).members ?? []))
        }
        members.append((key: "events", value: .array(events)))
        let unknown = batch.unknownFields.data
        if !unknown.isEmpty { members.append((key: EventJSON.unknownName, value: JSONBytes.base64(unknown))) }
        return .object(members)
    }

    /// Reads a batch and checks it as one from outside.
    ///
    /// - Throws: `SchemaError`: `.version` for another version, `.value` where a member is missing or wrong, and what
    ///   `BatchCodec.decode` throws.
    public static func decode(_ json: JSONValue) throws(SchemaError) -> CheckedBatch {
        guard json["version"]?.integer == Int64(version) else {
            throw SchemaError(.version, "not a batch in JSON of version \(version)", at: "version")
        }
        var batch = Batch()
        batch.version = BatchCodec.version
        batch.session = try bytes(of: "session", in: json, .identifier)
        batch.source = try bytes(of: "source", in: json, .identifier)
        batch.seq = try JSONField<Batch>.value(json["seq"] ?? .null, .count, at: "seq")
        if json["previous"] != nil { batch.previous = try bytes(of: "previous", in: json, .hex) }
        batch.timeUs = try JSONField<Batch>.value(json["time"] ?? .null, .time, at: "time")
        guard let events = json["events"]?.array else { throw SchemaError(.value, "not an array", at: "events") }
        var last = batch.timeUs
        for (index, value) in events.enumerated() {
            let place = "events[\(index)]"
            let time = try JSONField<Event>.value(value["time"] ?? .null, JSONKind<Int64>.time, at: place + ".time")
            guard time >= last else {
                throw SchemaError(.value, "a time before the one before it", at: place + ".time")
            }
            var event = Event()
            do {
                event = try EventJSON.event(from: value)
            } catch {
                throw SchemaError(
                    error.code, error.message, at: "\(place).\(error.place)", underlying: error.underlying)
            }
            event.deltaUs = UInt64(bitPattern: time &- last)
            last = time
            batch.events.append(event)
        }
        if let unknown = json[EventJSON.unknownName] { try batch.addUnknown(unknown, at: EventJSON.unknownName) }
        let encoded: [UInt8]
        do {
            encoded = try batch.serializedBytes()
        } catch {
            throw SchemaError(.malformed, "not a batch", underlying: error)
        }
        return try BatchCodec.decode(encoded)
    }

    private static func bytes(of name: String, in json: JSONValue, _ kind: JSONKind<Data>) throws(SchemaError) -> Data {
        try JSONField<Batch>.value(json[name] ?? .null, kind, at: name)
    }
}
