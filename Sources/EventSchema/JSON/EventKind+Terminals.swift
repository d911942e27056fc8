// Terminals and the commands in them.

extension EventKind {
    static let terminals: [EventKind] = [
        EventKind(
            "terminal_output", Event.OneOf_Body.terminalOutput,
            { if case .terminalOutput(let body) = $0 { body } else { nil } },
            [
                .one("terminal", \.terminal, .count), .one("data", \.data, .bytes),
                .one("synthetic", \.synthetic, .flag),
            ]),
        EventKind(
            "terminal_opened", Event.OneOf_Body.terminalOpened,
            { if case .terminalOpened(let body) = $0 { body } else { nil } },
            [
                .one("terminal", \.terminal, .count), .one("columns", \.columns, .count),
                .one("rows", \.rows, .count), .one("term", \.term, .text), .list("command", \.command, .bytes),
                .one("directory", \.directory, .bytes), .one("shell", \.shell, .text), .one("title", \.title, .text),
            ]),
        EventKind(
            "terminal_resized", Event.OneOf_Body.terminalResized,
            { if case .terminalResized(let body) = $0 { body } else { nil } },
            [
                .one("terminal", \.terminal, .count), .one("columns", \.columns, .count),
                .one("rows", \.rows, .count),
            ]),
        EventKind(
            "terminal_exited", Event.OneOf_Body.terminalExited,
            { if case .terminalExited(let body) = $0 { body } else { nil } },
            [
                .one("terminal", \.terminal, .count), .optional("status", \.status, if: \.hasStatus, .count),
                .optional("signal", \.signal, if: \.hasSignal, .count),
            ]),
        EventKind(
            "terminal_input", Event.OneOf_Body.terminalInput,
            { if case .terminalInput(let body) = $0 { body } else { nil } },
            [
                .one("terminal", \.terminal, .count), .one("data", \.data, .bytes),
            ]),
        EventKind(
            "command_started", Event.OneOf_Body.commandStarted,
            { if case .commandStarted(let body) = $0 { body } else { nil } },
            [
                .one("command", \.command, .count), .one("terminal", \.terminal, .count),
                .one("text", \.text, .bytes), .one("directory", \.directory, .bytes), .one("shell", \.shell, .text),
                .one("output_offset", \.outputOffset, .count), .one("private", \.`private`, .flag),
                .one("command_host", \.host, .text), .one("command_user", \.user, .text),
            ]),
        EventKind(
            "command_finished", Event.OneOf_Body.commandFinished,
            { if case .commandFinished(let body) = $0 { body } else { nil } },
            [
                .one("command", \.command, .count), .optional("status", \.status, if: \.hasStatus, .count),
                .list("pipe_status", \.pipeStatus, .count), .one("duration", \.durationUs, .duration),
                .one("directory", \.directory, .bytes), .one("output_offset", \.outputOffset, .count),
            ]),
    ]
}
