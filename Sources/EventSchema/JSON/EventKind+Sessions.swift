// Sources and sessions, and what is said about the recording itself.

extension EventKind {
    static let sessions: [EventKind] = [
        EventKind(
            "source_opened", Event.OneOf_Body.sourceOpened,
            { if case .sourceOpened(let body) = $0 { body } else { nil } },
            [
                .one(
                    "source_kind", \.kind,
                    .words(["unspecified", "session", "terminal", "editor", "watcher", "kernel", "import"])),
                .one("program", \.program, .text), .one("source_user", \.user, .text), .one("host", \.host, .text),
                .one("boot", \.boot, .hex), .one("process", \.process, .count),
            ]),
        EventKind(
            "source_closed", Event.OneOf_Body.sourceClosed,
            { if case .sourceClosed(let body) = $0 { body } else { nil } },
            [
                .one("reason", \.reason, .text)
            ]),
        EventKind(
            "session_opened", Event.OneOf_Body.sessionOpened,
            { if case .sessionOpened(let body) = $0 { body } else { nil } },
            [
                .one("title", \.title, .text), .one("workspace", \.workspace, .bytes),
                .one("session_user", \.user, .text), .one("host", \.host, .text),
                .one("reach", \.reach, .words(["unspecified", "local", "team", "live"])),
                .one("broker", \.broker, .text), .one("virtual_host", \.virtualHost, .text),
                .list("tags", \.tags, .text),
                .optional("idle_limit", \.idleLimitUs, if: \.hasIdleLimitUs, .duration),
                .one("resumed", \.resumed, .flag),
            ]),
        EventKind(
            "session_closed", Event.OneOf_Body.sessionClosed,
            { if case .sessionClosed(let body) = $0 { body } else { nil } },
            [
                .one("reason", \.reason, .text)
            ]),
        EventKind(
            "session_edited", Event.OneOf_Body.sessionEdited,
            { if case .sessionEdited(let body) = $0 { body } else { nil } },
            [
                .optional("title", \.title, if: \.hasTitle, .text), .list("add_tags", \.addTags, .text),
                .list("remove_tags", \.removeTags, .text),
                .one("reach", \.reach, .words(["unspecified", "local", "team", "live"])),
                .one("broker", \.broker, .text), .one("virtual_host", \.virtualHost, .text),
                .list("shared_from", \.sharedFrom, .message(sharedFrom)),
            ]),
        EventKind(
            "paused", Event.OneOf_Body.paused,
            { if case .paused(let body) = $0 { body } else { nil } },
            [
                .one("reason", \.reason, .text)
            ]),
        EventKind(
            "resumed", Event.OneOf_Body.resumed,
            { if case .resumed(let body) = $0 { body } else { nil } },
            []),
        EventKind(
            "gap", Event.OneOf_Body.gap,
            { if case .gap(let body) = $0 { body } else { nil } },
            [
                .one(
                    "reason", \.reason,
                    .words(["unspecified", "crash", "clock_step", "dropped", "withheld", "output_limit"])),
                .one("bytes", \.bytes, .count), .one("step", \.stepUs, .duration),
                .one("terminal", \.terminal, .count), .optional("screen", \.screen, if: \.hasScreen, .content),
            ]),
        EventKind(
            "redacted", Event.OneOf_Body.redacted,
            { if case .redacted(let body) = $0 { body } else { nil } },
            [
                .one("redacted_source", \.source, .identifier), .one("first_seq", \.firstSeq, .count),
                .one("last_seq", \.lastSeq, .count), .list("ranges", \.ranges, .message(byteRange)),
            ]),
        EventKind(
            "viewer_joined", Event.OneOf_Body.viewerJoined,
            { if case .viewerJoined(let body) = $0 { body } else { nil } },
            [
                .one("viewer", \.viewer, .text)
            ]),
        EventKind(
            "viewer_left", Event.OneOf_Body.viewerLeft,
            { if case .viewerLeft(let body) = $0 { body } else { nil } },
            [
                .one("viewer", \.viewer, .text)
            ]),
    ]
}

private let byteRange = JSONForm<ByteRange>([.one("first", \.first, .count), .one("count", \.count, .count)])
private let sharedFrom = JSONForm<SharedFrom>([.one("source", \.source, .identifier), .one("seq", \.seq, .count)])
