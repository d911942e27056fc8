import EventSchema
import Foundation

/// The members of a plugin's line, each in its type or with the reason why not.
struct EditorFields {
    var value: JSONValue

    func string(_ name: String) throws(SchemaError) -> String {
        guard let text = value[name]?.string else { throw SchemaError(.value, "no string", at: name) }
        return text
    }

    /// Text is a string where it is UTF-8, else `{"b64": …}`.
    func bytes(_ name: String) throws(SchemaError) -> [UInt8] {
        guard let bytes = try optionalBytes(name) else { throw SchemaError(.value, "no text", at: name) }
        return bytes
    }

    func optionalBytes(_ name: String) throws(SchemaError) -> [UInt8]? {
        guard let member = value[name] else { return nil }
        if let text = member.string { return Array(text.utf8) }
        guard let encoded = member["b64"]?.string, let data = Data(base64Encoded: encoded) else {
            throw SchemaError(.value, "neither a string nor {\"b64\": …}", at: name)
        }
        return Array(data)
    }

    func document() throws(SchemaError) -> UInt32 {
        guard let number = optionalNumber("doc"), number > 0 else {
            throw SchemaError(.value, "no document number", at: "doc")
        }
        return number
    }

    func optionalNumber(_ name: String) -> UInt32? { value[name]?.integer.flatMap { UInt32(exactly: $0) } }

    func offset(_ name: String) throws(SchemaError) -> Int {
        guard let offset = Self.offset(value[name]) else { throw SchemaError(.value, "not a count of bytes", at: name) }
        return offset
    }

    static func offset(_ value: JSONValue?) -> Int? {
        guard let number = value?.integer, number >= 0, number <= 1 << 40 else { return nil }
        return Int(number)
    }

    func hash() throws(SchemaError) -> ContentHash? {
        guard let text = value["sha256"]?.string else { return nil }
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == 64, text.utf8.count == 64 else { throw SchemaError(.value, "no SHA-256", at: "sha256") }
        return ContentHash(bytes: stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }

    var origin: Origin {
        switch value["origin"]?.string {
        case "paste": .paste
        case "undo": .undo
        case "redo": .redo
        case "external": .external
        case "tool": .tool
        default: .typed
        }
    }

    var form: EditorFileForm {
        let ending: LineEnding =
            switch value["fileformat"]?.string {
            case "dos": .crlf
            case "mac": .cr
            default: .lf
            }
        return EditorFileForm(
            lineEnding: ending, endsInLineEnd: value["eol"]?.bool ?? true, byteOrderMark: value["bomb"]?.bool ?? false)
    }
}
