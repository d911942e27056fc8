import EventSchema
import Foundation

/// One line of a plugin, read: the message and the stamp of the editor's clock.
public struct EditorLine: Sendable, Equatable {
    /// Longer lines are refused.
    public static let longest = 64 << 20
    /// No message has more selections; the rest is cut.
    public static let mostSelections = 1000

    public var message: EditorMessage
    /// Milliseconds of a clock that never steps, when it happened.
    public var monotonic: Double?

    public init(_ message: EditorMessage, monotonic: Double? = nil) {
        self.message = message
        self.monotonic = monotonic
    }

    /// Reads a line, without its LF.
    ///
    /// - Throws: `SchemaError` with the byte, or the field, that is wrong.
    public static func read(_ line: some Sequence<UInt8>) throws(SchemaError) -> EditorLine {
        let fields = EditorFields(value: try JSONReader.read(line))
        guard fields.value.members != nil else { throw SchemaError(.malformed, "not an object", at: "byte 0") }
        let monotonic = fields.value["mono"]?.double
        return EditorLine(try message(of: fields), monotonic: monotonic)
    }

    private static func message(of fields: EditorFields) throws(SchemaError) -> EditorMessage {
        let kind = try fields.string("ev")
        switch kind {
        case "hello":
            return .hello(
                EditorHello(
                    editor: try fields.string("editor"), version: fields.value["version"]?.string ?? "",
                    process: fields.optionalNumber("pid") ?? 0, directory: try fields.optionalBytes("cwd") ?? [],
                    sharesClock: fields.value["clock"]?.string == "monotonic"))
        case "bye": return .bye
        case "focus":
            return fields.value["away"]?.bool == true ? .away : .focus(document: try fields.document())
        case "open": return .open(try document(of: fields))
        case "text": return .text(document: try fields.document(), try fields.bytes("text"))
        case "resync": return .resync(document: try fields.document(), try fields.bytes("text"))
        case "edit":
            return .edit(
                EditorEdit(
                    document: try fields.document(), offset: try fields.offset("off"),
                    removed: try fields.offset("del"),
                    inserted: try fields.bytes("text"), origin: fields.origin))
        case "cursor": return .cursor(try cursor(of: fields))
        case "save":
            let form = fields.value["eol"] == nil && fields.value["fileformat"] == nil ? nil : fields.form
            return .save(document: try fields.document(), sha256: try fields.hash(), file: form)
        case "rename": return .rename(document: try fields.document(), path: try fields.bytes("path"))
        case "close": return .close(document: try fields.document(), sha256: try fields.hash())
        case "check": return .check(document: try fields.document(), sha256: try fields.hash())
        case "command": return .command(document: fields.optionalNumber("doc") ?? 0, name: try fields.string("name"))
        default: throw SchemaError(.value, "an unknown event '\(kind.prefix(40))'", at: "ev")
        }
    }

    private static func document(of fields: EditorFields) throws(SchemaError) -> EditorDocument {
        let path = try fields.bytes("path")
        guard path.first == UInt8(ascii: "/"), !path.contains(0) else {
            throw SchemaError(.value, "not an absolute path", at: "path")
        }
        let encoding = fields.value["fileencoding"]?.string ?? ""
        return EditorDocument(
            number: try fields.document(), path: path, language: fields.value["filetype"]?.string ?? "",
            form: fields.form,
            encoding: encoding == "utf-8" ? "" : encoding, existed: fields.value["exists"]?.bool ?? true)
    }

    private static func cursor(of fields: EditorFields) throws(SchemaError) -> EditorCursor {
        var selections: [EditorCursor.Span] = []
        for pair in fields.value["sel"]?.array?.prefix(mostSelections) ?? [] {
            guard let anchor = EditorFields.offset(pair[0]), let head = EditorFields.offset(pair[1]) else {
                throw SchemaError(.value, "not a pair of offsets", at: "sel[\(selections.count)]")
            }
            selections.append(EditorCursor.Span(anchor: anchor, head: head))
        }
        guard !selections.isEmpty else { throw SchemaError(.value, "no selection", at: "sel") }
        return EditorCursor(
            document: try fields.document(), selections: selections, firstLine: fields.optionalNumber("first"),
            lastLine: fields.optionalNumber("last"))
    }
}
