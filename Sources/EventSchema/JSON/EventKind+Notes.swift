// Notes and markers.

extension EventKind {
    static let notes: [EventKind] = [
        EventKind(
            "note", Event.OneOf_Body.note,
            { if case .note(let body) = $0 { body } else { nil } },
            [
                .one("id", \.id, .text), .one("text", \.text, .text), .list("tags", \.tags, .text),
                .one("next", \.next, .flag), .one("todo", \.todo, .flag), .one("path", \.path, .bytes),
                .one("line", \.line, .count), .optional("at", \.atUs, if: \.hasAtUs, .time),
            ]),
        EventKind(
            "note_edited", Event.OneOf_Body.noteEdited,
            { if case .noteEdited(let body) = $0 { body } else { nil } },
            [
                .one("id", \.id, .text), .optional("text", \.text, if: \.hasText, .text),
                .optional("done", \.done, if: \.hasDone, .flag),
                .optional("removed", \.removed, if: \.hasRemoved, .flag),
            ]),
        EventKind(
            "marker", Event.OneOf_Body.marker,
            { if case .marker(let body) = $0 { body } else { nil } },
            [
                .one("name", \.name, .text)
            ]),
    ]
}
