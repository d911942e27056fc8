// Documents: their opening, edits, selections and fate, and which of them has the focus.

extension EventKind {
    static let documents: [EventKind] = [
        EventKind(
            "edit", Event.OneOf_Body.edit,
            { if case .edit(let body) = $0 { body } else { nil } },
            [
                .one("document", \.document, .count), .one("offset", \.offset, .count),
                .one("removed", \.removed, .count), .one("inserted", \.inserted, .bytes),
                .one("origin", \.origin, .words(["typed", "paste", "undo", "redo", "external", "tool", "revealed"])),
                .optional("long_inserted", \.longInserted, if: \.hasLongInserted, .content),
            ]),
        EventKind(
            "selections", Event.OneOf_Body.selections,
            { if case .selections(let body) = $0 { body } else { nil } },
            [
                .one("document", \.document, .count), .list("selections", \.selections, .message(selection)),
                .optional("first_line", \.firstLine, if: \.hasFirstLine, .count),
                .optional("last_line", \.lastLine, if: \.hasLastLine, .count), .one("inferred", \.inferred, .flag),
            ]),
        EventKind(
            "piece", Event.OneOf_Body.piece,
            { if case .piece(let body) = $0 { body } else { nil } },
            [
                .one("hash", \.hash, .hex), .one("offset", \.offset, .count), .one("data", \.data, .bytes),
            ]),
        EventKind(
            "document_opened", Event.OneOf_Body.documentOpened,
            { if case .documentOpened(let body) = $0 { body } else { nil } },
            [
                .one("document", \.document, .count), .one("path", \.path, .bytes),
                .one("language", \.language, .text),
                .one("line_ending", \.lineEnding, .words(["unspecified", "lf", "crlf", "cr"])),
                .one("no_final_newline", \.noFinalNewline, .flag), .one("byte_order_mark", \.byteOrderMark, .flag),
                .one("encoding", \.encoding, .text), .optional("text", \.text, if: \.hasText, .content),
                .one("existed", \.existed, .flag), .one("hash", \.hash, .hex),
            ]),
        EventKind(
            "document_saved", Event.OneOf_Body.documentSaved,
            { if case .documentSaved(let body) = $0 { body } else { nil } },
            [
                .one("document", \.document, .count), .one("hash", \.hash, .hex), .one("size", \.size, .count),
            ]),
        EventKind(
            "document_closed", Event.OneOf_Body.documentClosed,
            { if case .documentClosed(let body) = $0 { body } else { nil } },
            [
                .one("document", \.document, .count), .one("hash", \.hash, .hex),
            ]),
        EventKind(
            "document_renamed", Event.OneOf_Body.documentRenamed,
            { if case .documentRenamed(let body) = $0 { body } else { nil } },
            [
                .one("document", \.document, .count), .one("path", \.path, .bytes),
            ]),
        EventKind(
            "document_deleted", Event.OneOf_Body.documentDeleted,
            { if case .documentDeleted(let body) = $0 { body } else { nil } },
            [
                .one("document", \.document, .count)
            ]),
        EventKind(
            "document_resynced", Event.OneOf_Body.documentResynced,
            { if case .documentResynced(let body) = $0 { body } else { nil } },
            [
                .one("document", \.document, .count), .optional("text", \.text, if: \.hasText, .content),
                .one("why", \.why, .text), .one("hash", \.hash, .hex), .one("path", \.path, .bytes),
                .one("language", \.language, .text),
                .one("line_ending", \.lineEnding, .words(["unspecified", "lf", "crlf", "cr"])),
                .one("no_final_newline", \.noFinalNewline, .flag), .one("byte_order_mark", \.byteOrderMark, .flag),
                .one("encoding", \.encoding, .text),
            ]),
        EventKind(
            "document_private", Event.OneOf_Body.documentPrivate,
            { if case .documentPrivate(let body) = $0 { body } else { nil } },
            [
                .one("document", \.document, .count), .one("why", \.why, .text),
            ]),
        EventKind(
            "focus", Event.OneOf_Body.focus,
            { if case .focus(let body) = $0 { body } else { nil } },
            focusTargets),
        EventKind(
            "editor_command", Event.OneOf_Body.editorCommand,
            { if case .editorCommand(let body) = $0 { body } else { nil } },
            [
                .one("name", \.name, .text), .one("document", \.document, .count),
            ]),
    ]
}

private let selection = JSONForm<Selection>([.one("anchor", \.anchor, .count), .one("head", \.head, .count)])

/// What has the focus: one of three, so each is written also with its default value.
private let focusTargets: [JSONField<Focus>] = [
    target("document", \.document, .count) { if case .document(let number) = $0 { number } else { nil } },
    target("terminal", \.terminal, .count) { if case .terminal(let number) = $0 { number } else { nil } },
    target("away", \.away, .flag) { if case .away(let away) = $0 { away } else { nil } },
]

private func target<Value>(
    _ name: String, _ path: any WritableKeyPath<Focus, Value> & Sendable, _ kind: JSONKind<Value>,
    _ value: @escaping @Sendable (Focus.OneOf_Target?) -> Value?
) -> JSONField<Focus> {
    JSONField(
        name: name, write: { focus in value(focus.target).map { kind.write($0) } },
        read: { json, focus throws(SchemaError) in
            focus[keyPath: path] = try JSONField<Focus>.value(json, kind, at: name)
        })
}
