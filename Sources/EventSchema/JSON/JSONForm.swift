import Foundation
import SwiftProtobuf

/// The JSON form of one message: its fields by name. One table serves both ways.
struct JSONForm<M: Message>: Sendable {
    /// What fields the program does not know are kept under, as the protobuf bytes they came in.
    static var unknownName: String { "unknown_fields" }

    let fields: [JSONField<M>]

    init(_ fields: [JSONField<M>]) { self.fields = fields }

    /// The members of the object; fields with their default value are left out.
    func members(of message: M) -> [(key: String, value: JSONValue)] {
        var members: [(key: String, value: JSONValue)] = []
        for field in fields {
            if let value = field.write(message) { members.append((key: field.name, value: value)) }
        }
        let unknown = message.unknownFields.data
        if !unknown.isEmpty { members.append((key: Self.unknownName, value: JSONBytes.base64(unknown))) }
        return members
    }

    /// Reads the fields among an object's members; others are not looked at.
    ///
    /// - Throws: `SchemaError(.value)` with the member's name as its place.
    func read(_ json: JSONValue) throws(SchemaError) -> M {
        var message = M()
        for field in fields {
            guard let value = json[field.name], value != .null else { continue }
            try field.read(value, &message)
        }
        if let unknown = json[Self.unknownName] { try message.addUnknown(unknown, at: Self.unknownName) }
        return message
    }
}

extension Message {
    /// Puts back protobuf bytes of fields that this message does not have.
    mutating func addUnknown(_ json: JSONValue, at place: String) throws(SchemaError) {
        guard let data = json["b64"]?.string.flatMap({ Data(base64Encoded: $0) }) else {
            throw SchemaError(.value, "not {\"b64\":…}", at: place)
        }
        do {
            var bare = Self()
            try bare.merge(serializedBytes: data)
            let known = bare.unknownFields.data != data
            guard !known else { throw SchemaError(.value, "fields that have a name", at: place) }
            try merge(serializedBytes: data)
        } catch let error as SchemaError {
            throw error
        } catch {
            throw SchemaError(.malformed, "not protobuf fields", at: place, underlying: error)
        }
    }
}

/// One field of a message: its JSON name, how it is written (nil: left out) and read.
struct JSONField<M: Message>: Sendable {
    let name: String
    let write: @Sendable (M) -> JSONValue?
    let read: @Sendable (JSONValue, inout M) throws(SchemaError) -> Void

    /// A field that is left out when it has its default value.
    static func one<Value>(
        _ name: String, _ path: any WritableKeyPath<M, Value> & Sendable, _ kind: JSONKind<Value>
    ) -> JSONField {
        JSONField(
            name: name,
            write: { message in
                let value = message[keyPath: path]
                return kind.isDefault(value) ? JSONValue?.none : kind.write(value)
            },
            read: { json, message throws(SchemaError) in message[keyPath: path] = try value(json, kind, at: name) })
    }

    /// A field that may be absent; given, it is written also with its default value.
    static func optional<Value>(
        _ name: String, _ path: any WritableKeyPath<M, Value> & Sendable, if has: any KeyPath<M, Bool> & Sendable,
        _ kind: JSONKind<Value>
    ) -> JSONField {
        JSONField(
            name: name,
            write: { message in message[keyPath: has] ? kind.write(message[keyPath: path]) : JSONValue?.none },
            read: { json, message throws(SchemaError) in message[keyPath: path] = try value(json, kind, at: name) })
    }

    /// A repeated field, as an array.
    static func list<Value>(
        _ name: String, _ path: any WritableKeyPath<M, [Value]> & Sendable, _ kind: JSONKind<Value>
    ) -> JSONField {
        JSONField(
            name: name,
            write: { message in
                let values = message[keyPath: path]
                return values.isEmpty ? JSONValue?.none : .array(values.map { kind.write($0) })
            },
            read: { json, message throws(SchemaError) in
                guard let elements = json.array else { throw SchemaError(.value, "not an array", at: name) }
                var values: [Value] = []
                for (index, element) in elements.enumerated() {
                    values.append(try value(element, kind, at: "\(name)[\(index)]"))
                }
                message[keyPath: path] = values
            })
    }

    static func value<Value>(_ json: JSONValue, _ kind: JSONKind<Value>, at place: String) throws(SchemaError) -> Value
    {
        let value: Value?
        do {
            value = try kind.read(json)
        } catch {
            throw SchemaError(
                error.code, error.message, at: error.place.isEmpty ? place : "\(place).\(error.place)",
                underlying: error.underlying)
        }
        guard let value else { throw SchemaError(.value, "not a value of this field", at: place) }
        return value
    }
}
