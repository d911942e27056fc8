import EventSchema
import Foundation
import Replay
import Viewer

/// A short session as a person has it: a failing test, an edit, a note, an hour away, a passing test.
enum SampleSession {
    static let start = RecordTime(microseconds: 1_789_398_120_000_000)
    static let clock = ClockFormat(timeZone: TimeZone(secondsFromGMT: 0) ?? .current)

    static let text = """
        def decode(token):
            return parse(token)

        def refresh(token):
            claims = decode(token)
            return claims

        """

    static func recording() -> Recording {
        let session = SessionID.make(at: start)
        let editor = SourceID.make(at: start)
        let shell = SourceID.make(at: start)
        var events: [TimedEvent] = []
        func add(_ second: Double, _ source: SourceID, _ body: Event.OneOf_Body) {
            let address = EventAddress(source: source, seq: UInt64(events.count + 1), index: 0)
            events.append(TimedEvent(time: start + .seconds(second), address: address, event: Event(body)))
        }
        var terminal = TerminalOpened()
        terminal.terminal = 1
        terminal.columns = 60
        terminal.rows = 12
        add(0, shell, .terminalOpened(terminal))
        func run(_ number: UInt32, _ second: Double, _ text: String, _ output: String, status: Int32) {
            func put(_ at: Double, _ text: String) {
                var output = TerminalOutput()
                output.terminal = 1
                output.data = Data(text.utf8)
                add(at, shell, .terminalOutput(output))
            }
            put(second - 0.1, "$ " + text + "\r\n")
            var started = CommandStarted()
            started.command = number
            started.terminal = 1
            started.text = Data(text.utf8)
            started.directory = Data("/home/dev/shop".utf8)
            add(second, shell, .commandStarted(started))
            put(second + 0.2, output)
            var finished = CommandFinished()
            finished.command = number
            finished.status = status
            finished.durationUs = 410_000
            add(second + 0.41, shell, .commandFinished(finished))
        }
        run(1, 1, "pytest -x", "\u{1B}[31mE assert 200 == 401\u{1B}[0m\r\n1 failed\r\n", status: 1)
        var opened = DocumentOpened()
        opened.document = 1
        opened.path = Data("/home/dev/shop/src/token.py".utf8)
        opened.existed = true
        opened.text.inline = Data(text.utf8)
        opened.text.size = UInt64(text.utf8.count)
        add(20, editor, .documentOpened(opened))
        let at = (text as NSString).range(of: "    return claims").location
        let typed = "    if claims.exp < now():\n        return "
        for (index, character) in typed.utf8.enumerated() {
            var edit = Edit()
            edit.document = 1
            edit.offset = UInt64(at + index)
            edit.removed = index == 0 ? 17 : 0
            edit.inserted = Data([character])
            add(22 + Double(index) / 10, editor, .edit(edit))
        }
        var selections = Selections()
        selections.document = 1
        var cursor = Selection()
        cursor.anchor = UInt64(at + typed.utf8.count)
        cursor.head = cursor.anchor
        selections.selections = [cursor]
        add(27, editor, .selections(selections))
        var note = Note()
        note.text = "expired tokens still return 200: look at refresh() first"
        note.next = true
        add(30, editor, .note(note))
        run(2, 3700, "pytest -x", "E assert 200 == 401\r\n1 failed\r\n", status: 1)
        let info = SessionInfo(
            id: session, title: "login-form", workspace: Array("/home/dev/shop".utf8), user: "dev1", started: start,
            ended: events.last?.time)
        return Recording(
            sessions: [info],
            sources: [
                SourceInfo(id: editor, session: session, kind: .editor),
                SourceInfo(id: shell, session: session, kind: .terminal),
            ], events: events)
    }
}
