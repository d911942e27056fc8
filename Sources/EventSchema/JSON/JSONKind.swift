import Foundation
import SwiftProtobuf

/// How a value of one type is written in our JSON, and read from it.
struct JSONKind<Value: Sendable>: Sendable {
    /// What a field has when it is not given; such a field is not written.
    var isDefault: @Sendable (Value) -> Bool
    var write: @Sendable (Value) -> JSONValue
    /// Nil where the JSON is no such value.
    var read: @Sendable (JSONValue) throws(SchemaError) -> Value?
}

// ---- text and bytes

extension JSONKind<String> {
    static var text: Self { JSONKind(isDefault: \.isEmpty, write: { .string($0) }, read: { $0.string }) }
}

extension JSONKind<Data> {
    /// Text as a string where it is UTF-8, else `{"b64":…}`.
    static var bytes: Self {
        JSONKind(isDefault: \.isEmpty, write: { JSONBytes.value(of: $0) }, read: { JSONBytes.read($0) })
    }

    /// A hash, in hexadecimal.
    static var hex: Self {
        JSONKind(
            isDefault: \.isEmpty, write: { .string(JSONBytes.hex($0)) },
            read: { json in json.string.flatMap { JSONBytes.fromHex($0) } })
    }

    /// A source or session, as a canonical UUID; bytes that are none, in hexadecimal.
    static var identifier: Self {
        JSONKind(
            isDefault: \.isEmpty,
            write: { data in .string(Identifier(bytes: data)?.description ?? JSONBytes.hex(data)) },
            read: { json in
                json.string.flatMap { text in Identifier(text).map { Data($0.bytes) } ?? JSONBytes.fromHex(text) }
            })
    }
}

/// Bytes in JSON.
enum JSONBytes {
    static func value(of data: Data) -> JSONValue {
        // JSON cannot carry every string unharmed through every parser, but every valid UTF-8 it can.
        if let text = String(validating: data, as: UTF8.self) { return .string(text) }
        return base64(data)
    }

    static func base64(_ data: Data) -> JSONValue {
        .object([(key: "b64", value: .string(data.base64EncodedString()))])
    }

    static func read(_ json: JSONValue) -> Data? {
        if let text = json.string { return Data(text.utf8) }
        return json["b64"]?.string.flatMap { Data(base64Encoded: $0) }
    }

    static func hex(_ data: Data) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(data.count * 2)
        for byte in data {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func fromHex(_ text: String) -> Data? {
        var data = Data()
        var high: UInt8?
        for digit in text.utf8 {
            guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
            if let first = high {
                data.append(first << 4 | UInt8(value))
                high = nil
            } else {
                high = UInt8(value)
            }
        }
        return high == nil ? data : nil
    }
}

// ---- numbers

extension JSONKind<Bool> {
    static var flag: Self { JSONKind(isDefault: { !$0 }, write: { .bool($0) }, read: { $0.bool }) }
}

extension JSONKind where Value: FixedWidthInteger {
    /// A number, or in decimal digits as a string where it is beyond what every JSON parser keeps exactly (2^53).
    static var count: Self {
        JSONKind(
            isDefault: { $0 == 0 },
            write: { value in
                guard let small = Int64(exactly: value), (-(1 << 53)...(1 << 53)).contains(small) else {
                    return .string("\(value)")
                }
                return .integer(small)
            },
            read: { json in
                if let text = json.string { return Value(text) }
                return json.integer.flatMap { Value(exactly: $0) }
            })
    }
}

extension JSONKind<Int64> {
    /// Microseconds since the epoch, as RFC 3339.
    static var time: Self {
        JSONKind(
            isDefault: { $0 == 0 }, write: { .string(RecordTime(microseconds: $0).rfc3339) },
            read: { json in json.string.flatMap { RecordTime(rfc3339: $0)?.microseconds } })
    }

    /// Microseconds, as `"1.5s"`.
    static var duration: Self {
        JSONKind(
            isDefault: { $0 == 0 }, write: { .string(Duration.text(microseconds: $0.magnitude, negative: $0 < 0)) },
            read: { json in json.string.flatMap { Duration(text: $0)?.wholeMicroseconds } })
    }
}

extension JSONKind<UInt64> {
    /// Microseconds, as `"1.5s"`.
    static var duration: Self {
        JSONKind(
            isDefault: { $0 == 0 }, write: { .string(Duration.text(microseconds: $0)) },
            read: { json in
                guard let span = json.string.flatMap({ Duration.microseconds(text: $0) }), !span.negative else {
                    return nil
                }
                return span.magnitude
            })
    }
}

extension JSONKind where Value: SwiftProtobuf.Enum {
    /// A word per value, in the order of their numbers from 0; a value without a word is its number.
    static func words(_ words: [String]) -> Self {
        JSONKind(
            isDefault: { $0.rawValue == 0 },
            write: { value in
                words.indices.contains(value.rawValue)
                    ? .string(words[value.rawValue]) : .integer(Int64(value.rawValue))
            },
            read: { json in
                if let word = json.string { return words.firstIndex(of: word).flatMap { Value(rawValue: $0) } }
                return json.integer.flatMap { Int32(exactly: $0) }.flatMap { Value(rawValue: Int($0)) }
            })
    }
}

// ---- messages

extension JSONKind where Value: Message {
    static func message(_ form: JSONForm<Value>) -> Self {
        JSONKind(
            isDefault: { _ in false }, write: { .object(form.members(of: $0)) },
            read: { json throws(SchemaError) in
                guard json.members != nil else { return nil }
                return try form.read(json)
            })
    }
}

extension JSONKind<Content> {
    /// Just the text where the content is inline; else `{"hash","size"}` of the pieces before it.
    static var content: Self {
        let form = JSONForm<Content>([
            .one("inline", \.inline, .bytes), .one("hash", \.hash, .hex), .one("size", \.size, .count),
        ])
        return JSONKind(
            isDefault: { _ in false },
            write: { content in
                let plain =
                    content.hash.isEmpty && content.size == content.inline.count && content.unknownFields.data.isEmpty
                return plain ? JSONBytes.value(of: content.inline) : .object(form.members(of: content))
            },
            read: { json throws(SchemaError) in
                guard let bytes = JSONBytes.read(json) else { return json.members == nil ? nil : try form.read(json) }
                var content = Content()
                content.inline = bytes
                content.size = UInt64(bytes.count)
                return content
            })
    }
}
