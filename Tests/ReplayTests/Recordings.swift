import EventSchema
import Foundation
import Model
import Replay
import TestSupport

/// Recordings made for tests.
struct RecordingMaker {
    static let base = RecordTime(microseconds: 1_789_398_120_000_000)

    let session: SessionID
    let editor: SourceID
    let shell: SourceID
    private var timed: [TimedEvent] = []

    init() {
        session = SessionID.make(at: Self.base)
        editor = SourceID.make(at: Self.base)
        shell = SourceID.make(at: Self.base)
    }

    mutating func add(_ body: Event.OneOf_Body, at seconds: Double, of source: SourceID) {
        let time = Self.base + .seconds(seconds)
        let address = EventAddress(source: source, seq: UInt64(timed.count + 1), index: 0)
        timed.append(TimedEvent(time: time, address: address, event: Event(body)))
    }

    static func content(_ bytes: Data) -> Content {
        var content = Content()
        content.inline = bytes
        content.size = UInt64(bytes.count)
        return content
    }

    mutating func open(_ path: String, _ text: String, document: UInt32 = 1, at seconds: Double) {
        var opened = DocumentOpened()
        opened.document = document
        opened.path = Data(path.utf8)
        opened.text = Self.content(Data(text.utf8))
        opened.existed = true
        add(.documentOpened(opened), at: seconds, of: editor)
    }

    mutating func type(_ text: String, offset: Int, removing removed: Int = 0, document: UInt32 = 1, at seconds: Double)
    {
        var edit = Edit()
        edit.document = document
        edit.offset = UInt64(offset)
        edit.removed = UInt64(removed)
        edit.inserted = Data(text.utf8)
        add(.edit(edit), at: seconds, of: editor)
    }

    mutating func command(_ number: UInt32, _ text: String, at seconds: Double) {
        var command = CommandStarted()
        command.command = number
        command.terminal = 1
        command.text = Data(text.utf8)
        command.directory = Data("/home/dev/shop".utf8)
        add(.commandStarted(command), at: seconds, of: shell)
    }

    mutating func output(_ text: String, at seconds: Double) {
        var output = TerminalOutput()
        output.terminal = 1
        output.data = Data(text.utf8)
        add(.terminalOutput(output), at: seconds, of: shell)
    }

    mutating func finish(_ number: UInt32, status: Int32, at seconds: Double) {
        var finished = CommandFinished()
        finished.command = number
        finished.status = status
        add(.commandFinished(finished), at: seconds, of: shell)
    }

    func recording(isOpen: Bool = false) -> Recording {
        let last = timed.last?.time ?? Self.base
        let info = SessionInfo(
            id: session, title: "login-form", workspace: Array("/home/dev/shop".utf8), user: "dev1", started: Self.base,
            ended: isOpen ? nil : last)
        return Recording(
            sessions: [info],
            sources: [
                SourceInfo(id: editor, session: session, kind: .editor, program: "nvim 0.11"),
                SourceInfo(id: shell, session: session, kind: .terminal, program: "bash"),
            ], events: timed.sorted { $0.time < $1.time })
    }
}

extension Recording {
    /// An open editing trace as the recording of one document.
    static func trace(_ name: String) throws -> Recording {
        let trace = try EditingTrace(name)
        var maker = RecordingMaker()
        let source = maker.editor
        var events: [TimedEvent] = []
        var opened = DocumentOpened()
        opened.document = 1
        opened.path = Data("/home/dev/shop/\(name).txt".utf8)
        opened.text = RecordingMaker.content(Data(trace.start))
        let first = trace.patches.first?.time ?? .epoch
        events.append(
            TimedEvent(
                time: first, address: EventAddress(source: source, seq: 1, index: 0),
                event: Event(.documentOpened(opened))))
        for (index, patch) in trace.patches.enumerated() {
            var edit = Edit()
            edit.document = 1
            edit.offset = UInt64(patch.offset)
            edit.removed = UInt64(patch.removed)
            edit.inserted = Data(patch.inserted)
            let address = EventAddress(source: source, seq: UInt64(index + 2), index: 0)
            events.append(TimedEvent(time: patch.time, address: address, event: Event(.edit(edit))))
        }
        maker.open("/unused", "", at: 0)
        let frame = maker.recording()
        return Recording(sessions: frame.sessions, sources: frame.sources, events: events)
    }
}
