import EventSchema
import Replay

/// A recording's first terminal as an asciicast v3 (docs.asciinema.org, asciicast file format, version 3).
///
/// Times are intervals in seconds with six decimals. What a cast has no code for goes into events of code `P` with JSON
/// text as data: parsers keep codes they do not know, and players skip them.
struct CastWriter {
    let text: String

    /// - Throws: `CommandFailure(.missing)` if nothing of a terminal was recorded.
    init(of recording: Recording) throws {
        var terminal: (source: SourceID, number: UInt32)?
        var lines: [String] = []
        var last = RecordTime.epoch
        var pending: [UInt8] = []
        func add(_ code: String, _ data: String, at time: RecordTime) {
            let interval = Double((time - last).wholeMicroseconds) / 1e6
            lines.append(JSONValue.array([.number(interval), .string(code), .string(data)]).encoded)
            last = time
        }
        for timed in recording.events {
            switch timed.event.body {
            case .terminalOpened(let opened) where terminal == nil:
                terminal = (timed.address.source, opened.terminal)
                last = timed.time
                lines.append(Self.header(opened, recording, at: timed.time))
            case .terminalOutput(let output) where Self.isIn(terminal, timed, output.terminal):
                // Output events may end inside a character; a cast's data is text.
                pending += output.data
                let whole = pending.prefix(Self.wholeCharacters(pending))
                pending.removeFirst(whole.count)
                if !whole.isEmpty { add("o", String(decoding: whole, as: UTF8.self), at: timed.time) }
            case .terminalInput(let input) where Self.isIn(terminal, timed, input.terminal):
                add("i", String(decoding: input.data, as: UTF8.self), at: timed.time)
            case .terminalResized(let size) where Self.isIn(terminal, timed, size.terminal):
                add("r", "\(size.columns)x\(size.rows)", at: timed.time)
            case .terminalExited(let exited) where Self.isIn(terminal, timed, exited.terminal):
                if !pending.isEmpty { add("o", String(decoding: pending, as: UTF8.self), at: timed.time) }
                pending = []
                add("x", "\(exited.hasStatus ? exited.status : 128 + exited.signal)", at: timed.time)
            case .marker(let marker) where terminal != nil: add("m", marker.name, at: timed.time)
            case .note, .commandStarted, .commandFinished, .edit, .documentOpened, .documentSaved:
                if terminal != nil { add("P", EventJSON.body(of: timed.event).encoded, at: timed.time) }
            default: break
            }
        }
        guard terminal != nil else { throw CommandFailure(.missing, "no terminal was recorded in it") }
        text = lines.joined(separator: "\n") + "\n"
    }

    private static func isIn(_ terminal: (source: SourceID, number: UInt32)?, _ timed: TimedEvent, _ number: UInt32)
        -> Bool
    {
        terminal.map { $0.source == timed.address.source && $0.number == number } ?? false
    }

    private static func header(_ opened: TerminalOpened, _ recording: Recording, at time: RecordTime) -> String {
        var members: [(key: String, value: JSONValue)] = [
            ("version", 3),
            (
                "term",
                [
                    "cols": .integer(Int64(opened.columns)), "rows": .integer(Int64(opened.rows)),
                    "type": .string(opened.term.isEmpty ? "xterm-256color" : opened.term),
                ]
            ),
            ("timestamp", .integer(time.microseconds / 1_000_000)),
        ]
        if let title = recording.sessions.first?.title, !title.isEmpty { members.append(("title", .string(title))) }
        if let command = opened.command.first {
            members.append(("command", .string(String(decoding: command, as: UTF8.self))))
        }
        return JSONValue.object(members).encoded
    }

    /// How many bytes at the front end with a whole UTF-8 character.
    private static func wholeCharacters(_ bytes: [UInt8]) -> Int {
        for back in 1...4 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte < 0x80 { return bytes.count }
            if byte >= 0xC0 {
                let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
                return back >= length ? bytes.count : bytes.count - back
            }
        }
        return bytes.count
    }
}
