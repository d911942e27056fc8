// Notebooks and their cells.

extension EventKind {
    static let notebooks: [EventKind] = [
        EventKind(
            "notebook_opened", Event.OneOf_Body.notebookOpened,
            { if case .notebookOpened(let body) = $0 { body } else { nil } },
            [
                .one("path", \.path, .bytes), .one("kernel", \.kernel, .text), .list("cells", \.cells, .text),
            ]),
        EventKind(
            "cell_added", Event.OneOf_Body.cellAdded,
            { if case .cellAdded(let body) = $0 { body } else { nil } },
            [
                .one("notebook", \.notebook, .bytes), .one("cell", \.cell, .text),
                .one("position", \.position, .count),
                .one("cell_kind", \.kind, .words(["unspecified", "code", "markdown", "raw"])),
            ]),
        EventKind(
            "cell_moved", Event.OneOf_Body.cellMoved,
            { if case .cellMoved(let body) = $0 { body } else { nil } },
            [
                .one("notebook", \.notebook, .bytes), .one("cell", \.cell, .text),
                .one("position", \.position, .count),
            ]),
        EventKind(
            "cell_removed", Event.OneOf_Body.cellRemoved,
            { if case .cellRemoved(let body) = $0 { body } else { nil } },
            [
                .one("notebook", \.notebook, .bytes), .one("cell", \.cell, .text),
            ]),
        EventKind(
            "cell_kind_changed", Event.OneOf_Body.cellKindChanged,
            { if case .cellKindChanged(let body) = $0 { body } else { nil } },
            [
                .one("notebook", \.notebook, .bytes), .one("cell", \.cell, .text),
                .one("cell_kind", \.kind, .words(["unspecified", "code", "markdown", "raw"])),
            ]),
        EventKind(
            "cell_run", Event.OneOf_Body.cellRun,
            { if case .cellRun(let body) = $0 { body } else { nil } },
            [
                .one("notebook", \.notebook, .bytes), .one("cell", \.cell, .text), .one("count", \.count, .count),
                .one("duration", \.durationUs, .duration), .one("succeeded", \.succeeded, .flag),
                .one("error", \.error, .text), .list("outputs", \.outputs, .message(cellOutput)),
            ]),
    ]
}

private let cellOutput = JSONForm<CellOutput>([
    .one("type", \.type, .text), .optional("data", \.data, if: \.hasData, .content),
])
