import Capture
import EventSchema
import Foundation
import Model
import Replay
import Viewer

/// Follows as lines of JSON for an editor's plug-in, which shows read-only buffers that change as the leader types.
/// `docs/EDITOR-FOLLOW.md` describes them.
struct FollowEditor {
    private let line: FollowLine
    private let output: Output
    private var recording = LiveRecording()
    private var condition = LiveCondition()
    private var told: Set<Activity.Subject> = []
    private var place: Activity.Subject?
    private var screens: Set<Activity.Subject> = []
    private var screensAt = ContinuousClock.now
    /// What the plug-in has written of its next line.
    private var asked: [UInt8] = []
    /// A terminal is drawn at most so often.
    private static let screenPace = Duration.milliseconds(50)

    init(_ line: FollowLine, output: Output) {
        self.line = line
        self.output = output
    }

    /// Follows until a signal comes, the plug-in goes, or every session followed has ended. Blocks.
    ///
    /// - Returns: whether a signal ended it.
    mutating func run() throws -> Bool {
        let signals = try SignalPipe([SIGINT, SIGTERM])
        var buffer = [UInt8](repeating: 0, count: 256)
        while true {
            for update in line.feed.take() { take(update) }
            drawScreens()
            if condition.isRefused || condition.isOver && condition.isLive { return false }
            let ready = try Poller.wait(
                for: [
                    .init(signals.descriptor, .readable), .init(line.feed.descriptor, .readable),
                    .init(.standardInput, .readable),
                ], timeout: screens.isEmpty ? .seconds(1) : Self.screenPace)
            if try !signals.take().isEmpty { return true }
            // A plug-in that goes closes the pipe.
            if ready.count == 3, !ready[2].isEmpty {
                guard case .bytes(let count) = try Descriptor.standardInput.read(into: &buffer) else { return false }
                answer(buffer.prefix(count))
            }
        }
    }

    /// A plug-in whose buffer is not what it should be writes the document's id, a line, and gets the whole text.
    private mutating func answer(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                if asked.count < 256 { asked.append(byte) }
                continue
            }
            let id = String(decoding: asked, as: UTF8.self)
            asked = []
            if let subject = told.first(where: { Self.name($0) == id }) { tellDocument(subject) }
        }
    }

    private mutating func take(_ update: LiveUpdate) {
        switch update {
        case .events(let events):
            for timed in events {
                recording.take([timed])
                tell(timed)
            }
        case .state(let model):
            recording.take(update)
            for number in model.documents.keys.sorted() where model.documents[number]?.isOpen == true {
                tellDocument(Activity.Subject(source: model.source, thing: .document(number)))
            }
            for number in model.terminals.keys { screens.insert(.init(source: model.source, thing: .terminal(number))) }
        case .condition(let now):
            if now != condition {
                write([
                    "do": "status", "live": .bool(now.isLive), "over": .bool(now.isOver), "text": .string(now.words),
                ])
            }
            condition = now
        case .failed(let words): write(["do": "status", "live": false, "over": false, "text": .string(words)])
        default: recording.take(update)
        }
        tellPlace()
    }

    private mutating func tell(_ timed: TimedEvent) {
        let source = timed.address.source
        func subject(_ number: UInt32) -> Activity.Subject { .init(source: source, thing: .document(number)) }
        switch timed.event.body {
        case .documentOpened(let opened): tellDocument(subject(opened.document))
        case .documentResynced(let resynced): tellDocument(subject(resynced.document))
        case .documentPrivate(let hidden): tellDocument(subject(hidden.document))
        case .documentRenamed(let renamed): tellDocument(subject(renamed.document))
        case .edit(let edit): tell(edit, of: subject(edit.document))
        case .selections(let selections): tellCursor(subject(selections.document))
        case .documentClosed(let closed):
            if told.remove(subject(closed.document)) != nil {
                write(["do": "close", "id": .string(Self.name(subject(closed.document)))])
            }
        case .terminalOutput(let output): screens.insert(.init(source: source, thing: .terminal(output.terminal)))
        case .terminalResized(let size): screens.insert(.init(source: source, thing: .terminal(size.terminal)))
        default: break
        }
    }

    private mutating func tell(_ edit: Edit, of subject: Activity.Subject) {
        guard let document = recording.playback.document(subject), document.unreliable == nil else { return }
        guard told.contains(subject), !edit.hasLongInserted else { return tellDocument(subject) }
        write([
            "do": "edit", "id": .string(Self.name(subject)), "offset": .integer(Int64(clamping: edit.offset)),
            "removed": .integer(Int64(clamping: edit.removed)), "text": EventJSON.text([UInt8](edit.inserted)),
        ])
        tellCursor(subject)
    }

    private mutating func tellDocument(_ subject: Activity.Subject) {
        guard let document = recording.playback.document(subject) else { return }
        told.insert(subject)
        write([
            "do": "document", "id": .string(Self.name(subject)), "path": EventJSON.text(document.path),
            "name": .string(name(of: document, subject.source)), "language": .string(document.language),
            "private": .bool(document.isPrivate), "text": EventJSON.text(document.text.bytes),
        ])
        tellCursor(subject)
    }

    private func tellCursor(_ subject: Activity.Subject) {
        guard let document = recording.playback.document(subject), !document.selections.isEmpty else { return }
        var members: [(key: String, value: JSONValue)] = [
            ("do", "cursor"), ("id", .string(Self.name(subject))),
            (
                "selections",
                .array(
                    document.selections.map {
                        .array([.integer(Int64(clamping: $0.anchor)), .integer(Int64(clamping: $0.head))])
                    })
            ),
        ]
        if let first = document.firstLine { members.append(("first_line", .integer(Int64(first)))) }
        if let last = document.lastLine { members.append(("last_line", .integer(Int64(last)))) }
        write(.object(members))
    }

    /// The leader is somewhere else now, which may be a shell: also one that they left an editor for.
    private mutating func tellPlace() {
        guard var now = recording.playback.place else { return }
        if case .document = now.thing, let terminal = recording.playback.terminal,
            let source = recording.playback.sources[now.source], !source.documents.values.contains(where: \.isOpen)
        {
            now = terminal
        }
        guard now != place else { return }
        if case .document = now.thing {
            // One that was closed is gone; where the leader is then comes next.
            guard recording.playback.document(now)?.isOpen == true else { return }
            if !told.contains(now) { tellDocument(now) }
        }
        place = now
        write(["do": "focus", "id": .string(Self.name(now))])
    }

    /// Screens as lines of text, each at most so often.
    private mutating func drawScreens() {
        guard !screens.isEmpty, ContinuousClock.now - screensAt >= Self.screenPace else { return }
        screensAt = .now
        for subject in screens {
            guard let terminal = recording.playback.terminal(subject), let screen = terminal.screen else { continue }
            let lines = (0..<screen.rows).map { JSONValue.string(Sanitize.line(screen.text(row: $0))) }
            write([
                "do": "terminal", "id": .string(Self.name(subject)),
                "name": .string("@\(user(of: subject.source))/shell"),
                "lines": .array(lines),
                "row": .integer(Int64(screen.cursor.row)), "column": .integer(Int64(screen.cursor.column)),
                "alternate": .bool(screen.isAlternate),
            ])
        }
        screens = []
    }

    private func name(of document: DocumentModel, _ source: SourceID) -> String {
        let path = SourceNames(of: recording.recording).place(document.path, of: source)
        // A whole path where the workspace is not known, or the file lies outside of it.
        return "@\(user(of: source))" + (path.hasPrefix("/") ? ":" : "/") + path
    }

    private func user(of source: SourceID) -> String {
        recording.recording.sources.first { $0.id == source }?.user ?? ""
    }

    private static func name(_ subject: Activity.Subject) -> String {
        switch subject.thing {
        case .document(let number): "\(subject.source):d\(number)"
        case .terminal(let number): "\(subject.source):t\(number)"
        case .notebook, .none: "\(subject.source)"
        }
    }

    private func write(_ value: JSONValue) { output.json(value) }
}
