import EventSchema

/// The events of a recording seen as work: who acted, on what, when.
public struct Activity: Sendable {
    /// What an event is about.
    public struct Subject: Sendable, Hashable {
        public enum Thing: Sendable, Hashable {
            case document(UInt32)
            case terminal(UInt32)
            case notebook, none
        }
        public var source: SourceID
        public var thing: Thing

        public init(source: SourceID, thing: Thing) {
            self.source = source
            self.thing = thing
        }
    }

    /// One event of the lanes shown.
    public struct Entry: Sendable, Equatable {
        /// Its place in `Recording.events`.
        public var index: Int
        public var time: RecordTime
        /// A person did it; else a machine.
        public var isHuman: Bool
        public var subject: Subject
    }

    public private(set) var entries: [Entry] = []
    /// The first and the last event of the whole recording, shown or not; nil if there is none.
    public let span: ClosedRange<RecordTime>?
    /// Whether more may come.
    public let isOpen: Bool

    /// When a person did something, in order.
    public var humanTimes: [RecordTime] { entries.lazy.filter(\.isHuman).map(\.time) }

    /// The events of `recording` that belong to one of `lanes`; all if none is given.
    public init(of recording: Recording, lanes: Set<Lane> = []) {
        isOpen = recording.isLive
        span = recording.isEmpty ? nil : recording.start...recording.end
        var sorter = LaneSorter(lanes: lanes)
        let marked = Self.sourcesWithMarks(in: recording)
        for (index, timed) in recording.events.enumerated() {
            guard let body = timed.event.body else { continue }
            let source = timed.address.source
            let shown = sorter.shows(body, of: source)
            guard shown, var isHuman = Self.isHuman(body) else { continue }
            if case .terminalOutput = body { isHuman = !marked.contains(source) }
            let subject = Subject(source: source, thing: sorter.thing(of: body, in: source))
            entries.append(Entry(index: index, time: timed.time, isHuman: isHuman, subject: subject))
        }
    }

    /// The terminals where commands or keys are told apart from output. In the others (an imported cast, a program
    /// recorded alone) output is the only trace of a person and counts as theirs.
    private static func sourcesWithMarks(in recording: Recording) -> Set<SourceID> {
        var marked: Set<SourceID> = []
        for timed in recording.events {
            switch timed.event.body {
            case .commandStarted, .terminalInput: marked.insert(timed.address.source)
            default: break
            }
        }
        return marked
    }

    /// Whether a person did this; nil for the book-keeping that nobody watches.
    public static func isHuman(_ body: Event.OneOf_Body) -> Bool? {
        switch body {
        case .edit(let edit):
            switch edit.origin {
            case .typed, .paste, .undo, .redo: true
            case .external, .tool, .revealed, .UNRECOGNIZED: false
            }
        case .selections(let selections): !selections.inferred
        case .focus, .editorCommand, .documentOpened, .documentClosed, .documentSaved, .documentRenamed,
            .documentDeleted, .commandStarted, .terminalOpened, .terminalInput, .notebookOpened, .cellAdded, .cellMoved,
            .cellRemoved, .cellKindChanged, .commitMade, .note, .noteEdited, .marker, .paused, .resumed:
            true
        case .terminalOutput, .terminalResized, .terminalExited, .commandFinished, .cellRun, .fileChanged,
            .documentResynced, .documentPrivate, .environmentCaptured, .environmentChanged, .gap:
            false
        case .sourceOpened, .sourceClosed, .sessionOpened, .sessionClosed, .sessionEdited, .piece, .snapshotManifest,
            .redacted, .viewerJoined, .viewerLeft:
            nil
        }
    }
}
