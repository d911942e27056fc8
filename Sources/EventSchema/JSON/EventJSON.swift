import Foundation
import SwiftProtobuf

/// Events in JSON, for people, scripts and plugins; `docs/JSON.md` describes the form.
///
/// One flat object per event: where it is (`time`, `session`, `source`, `seq`, `index`, `user`), its `kind`, and the
/// fields of the kind. It loses nothing: also what this program does not know comes back.
public enum EventJSON {
    /// The member names that no kind may use for a field.
    static let envelope = ["time", "original_time", "session", "source", "seq", "index", "user", "kind", unknownName]
    /// The kind of an event whose body this program does not know.
    static let unknownKind = "unknown"
    /// Fields of the event itself that this program does not know, an unknown body among them.
    static let unknownName = "unknown"

    /// An event with its place.
    public static func encode(_ timed: TimedEvent, session: SessionID, user: String?) -> JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            (key: "time", value: .string(timed.time.rfc3339)),
            (key: "session", value: .string(session.description)),
            (key: "source", value: .string(timed.address.source.description)),
            (key: "seq", value: JSONKind<UInt64>.count.write(timed.address.seq)),
            (key: "index", value: .integer(Int64(timed.address.index))),
        ]
        if let user { members.append((key: "user", value: .string(user))) }
        return .object(members + self.members(of: timed.event))
    }

    /// Bytes of a file or path: a string where they are UTF-8, else `{"b64": …}`.
    public static func text(_ bytes: [UInt8]) -> JSONValue { JSONBytes.value(of: Data(bytes)) }

    /// An event without its place: `kind` and the fields.
    public static func body(of event: Event) -> JSONValue { .object(members(of: event)) }

    /// Reads what `encode` writes. The event's own `deltaUs` is not part of the form: its time says the same.
    ///
    /// - Throws: `SchemaError(.value)` with the member's name as its place.
    public static func decode(_ json: JSONValue) throws(SchemaError) -> TimedEvent {
        let time = try JSONField<Event>.value(json["time"] ?? .null, JSONKind<Int64>.time, at: "time")
        guard let source = json["source"]?.string.flatMap({ Identifier($0) }) else {
            throw SchemaError(.value, "not a UUID", at: "source")
        }
        let seq = try JSONField<Event>.value(json["seq"] ?? .null, JSONKind<UInt64>.count, at: "seq")
        let index = try JSONField<Event>.value(json["index"] ?? .null, JSONKind<Int>.count, at: "index")
        guard index >= 0 else { throw SchemaError(.value, "an index below 0", at: "index") }
        return TimedEvent(
            time: RecordTime(microseconds: time),
            address: EventAddress(source: SourceID(source), seq: seq, index: index),
            event: try event(from: json))
    }

    /// Reads what `body(of:)` writes; members that belong to no field of the kind are not looked at.
    ///
    /// - Throws: `SchemaError(.value)` with the member's name as its place.
    public static func event(from json: JSONValue) throws(SchemaError) -> Event {
        guard let name = json["kind"]?.string else { throw SchemaError(.value, "an event without a kind", at: "kind") }
        var event = Event()
        if let kind = EventKind.byName[name] {
            event.body = try kind.read(json)
        } else if name != unknownKind {
            throw SchemaError(.value, "there is no kind \"\(name)\"", at: "kind")
        }
        if let original = json["original_time"] {
            event.originalUs = try JSONField<Event>.value(original, JSONKind<Int64>.time, at: "original_time")
        }
        if let unknown = json[unknownName] { try event.addUnknown(unknown, at: unknownName) }
        return event
    }

    private static func members(of event: Event) -> [(key: String, value: JSONValue)] {
        var members: [(key: String, value: JSONValue)] = []
        var name = unknownKind
        if let body = event.body {
            for kind in EventKind.all {
                guard let fields = kind.members(body) else { continue }
                name = kind.name
                members = fields
                break
            }
        }
        members.insert((key: "kind", value: .string(name)), at: 0)
        if event.hasOriginalUs {
            members.append((key: "original_time", value: .string(RecordTime(microseconds: event.originalUs).rfc3339)))
        }
        let unknown = event.unknownFields.data
        if !unknown.isEmpty { members.append((key: unknownName, value: JSONBytes.base64(unknown))) }
        return members
    }
}
