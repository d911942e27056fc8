import EventSchema
import Model

/// What a recap says of a recording, as facts: where the person was, what failed, what was done.
public struct RecapFacts: Sendable {
    public struct NoteFact: Sendable, Equatable {
        public var id: String
        public var text: String
        public var time: RecordTime
        public var isNext: Bool
        public var isTodo: Bool
        public var isDone: Bool
    }

    /// One command by its text.
    public struct CommandFact: Sendable, Equatable {
        public var text: [UInt8]
        public var runs = 0
        public var passed = 0
        public var lastStatus: Int32?
        public var lastTime: RecordTime
        public var lastGreen: RecordTime?
        /// The end of what the last run wrote; at most 8 KiB.
        public var tail: [UInt8] = []
    }

    public struct FileFact: Sendable, Equatable {
        public var path: [UInt8]
        public var source: SourceID
        public var edits: Int
        /// The names of the places worked on, most edits first.
        public var landmarks: [String]
    }

    /// The last place of work in a text.
    public struct Here: Sendable {
        public var document: DocumentModel
        public var source: SourceID
        public var time: RecordTime
        /// From 0.
        public var line: Int
        public var landmark: String?
        /// What the last run of edits changed.
        public var diff: LineDiff
        /// How many lines of the buffer differ from the disk; nil if nothing is known of the disk.
        public var unsavedLines: Int?
    }

    public private(set) var notes: [NoteFact] = []
    public private(set) var commands: [CommandFact] = []
    public private(set) var files: [FileFact] = []
    public private(set) var here: Here?
    public private(set) var environment: EnvironmentCaptured?
    /// What changed in the environment while recording.
    public private(set) var changes: [EnvironmentChanged] = []
    public private(set) var lastCommit: CommitMade?
    /// Time with a person at work: gaps of up to five minutes count.
    public private(set) var active: Duration = .zero
    public let start: RecordTime
    public let end: RecordTime

    /// The command that stands failed now; the newest of them.
    public var red: CommandFact? {
        commands.filter { $0.lastStatus.map { $0 != 0 } ?? false }.max { $0.lastTime < $1.lastTime }
    }

    public init(of recording: Recording, activity: Activity? = nil, scenes: Scenes? = nil) {
        (start, end) = (recording.start, recording.end)
        let activity = activity ?? Activity(of: recording)
        let scenes = scenes ?? Scenes(of: recording, activity: activity)
        var running: [Activity.Subject: CommandStarted] = [:]
        var inTerminal: [Activity.Subject: Activity.Subject] = [:]
        for timed in recording.events {
            let source = timed.address.source
            func subject(_ number: UInt32) -> Activity.Subject {
                Activity.Subject(source: source, thing: .terminal(number))
            }
            switch timed.event.body {
            case .note(let note): take(note, at: timed.time)
            case .noteEdited(let edit): take(edit)
            case .commandStarted(let command):
                running[subject(command.command)] = command
                inTerminal[subject(command.terminal)] = subject(command.command)
                begin(command, at: timed.time)
            case .terminalOutput(let output):
                guard let command = inTerminal[subject(output.terminal)].flatMap({ running[$0] }) else { continue }
                append(Array(output.data), to: command)
            case .commandFinished(let finished):
                guard let command = running.removeValue(forKey: subject(finished.command)) else { continue }
                finish(command, finished, at: timed.time)
            case .environmentCaptured(let captured): environment = captured
            case .environmentChanged(let change): take(change)
            case .commitMade(let commit): lastCommit = commit
            default: break
            }
        }
        files = Self.files(of: scenes, in: recording)
        here = Self.here(in: recording)
        var last: RecordTime?
        for time in activity.humanTimes {
            if let last, time - last <= .seconds(300) { active += time - last }
            last = time
        }
    }

    private mutating func take(_ note: Note, at time: RecordTime) {
        notes.append(
            NoteFact(
                id: note.id, text: note.text, time: time, isNext: note.next, isTodo: note.todo, isDone: false))
    }

    private mutating func take(_ edit: NoteEdited) {
        guard let index = notes.lastIndex(where: { $0.id == edit.id }) else { return }
        if edit.hasText { notes[index].text = edit.text }
        if edit.hasDone { notes[index].isDone = edit.done }
        if edit.removed { notes.remove(at: index) }
    }

    private func place(of command: CommandStarted) -> Int? {
        commands.firstIndex { $0.text.elementsEqual(command.text) }
    }

    private mutating func begin(_ command: CommandStarted, at time: RecordTime) {
        guard !command.private, !command.text.isEmpty else { return }
        let index = place(of: command) ?? commands.endIndex
        if index == commands.endIndex { commands.append(CommandFact(text: Array(command.text), lastTime: time)) }
        commands[index].runs += 1
        commands[index].lastTime = time
        commands[index].tail = []
    }

    private mutating func append(_ bytes: [UInt8], to command: CommandStarted) {
        guard let index = place(of: command) else { return }
        commands[index].tail.append(contentsOf: bytes)
        let extra = commands[index].tail.count - 8192
        if extra > 4096 { commands[index].tail.removeFirst(extra) }
    }

    private mutating func finish(_ command: CommandStarted, _ finished: CommandFinished, at time: RecordTime) {
        guard let index = place(of: command) else { return }
        commands[index].lastTime = time
        commands[index].lastStatus = finished.hasStatus ? finished.status : nil
        guard finished.hasStatus, finished.status == 0 else { return }
        commands[index].passed += 1
        commands[index].lastGreen = time
    }

    private mutating func take(_ change: EnvironmentChanged) {
        changes.append(change)
        if change.hasGitHead { environment?.gitHead = change.gitHead }
        if change.hasGitBranch { environment?.gitBranch = change.gitBranch }
        if change.gitDirtyKnown { environment?.gitDirty = change.gitDirty }
        if change.hasCondaEnvironment { environment?.condaEnvironment = change.condaEnvironment }
    }

    private static func files(of scenes: Scenes, in recording: Recording) -> [FileFact] {
        var facts: [[UInt8]: (fact: FileFact, places: [String: Int])] = [:]
        for scene in scenes.all where scene.edits > 0 && !scene.path.isEmpty {
            let empty = FileFact(path: scene.path, source: scene.subject.source, edits: 0, landmarks: [])
            facts[scene.path, default: (empty, [:])].fact.edits += scene.edits
            if let landmark = scene.landmark { facts[scene.path]?.places[landmark, default: 0] += scene.edits }
        }
        return facts.values.map { entry in
            var fact = entry.fact
            fact.landmarks = entry.places.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map(\.key)
            return fact
        }.sorted { ($0.edits, $1.path.count) > ($1.edits, $0.path.count) }
    }

    private static func here(in recording: Recording) -> Here? {
        guard let last = recording.events.lastIndex(where: { if case .edit = $0.event.body { true } else { false } }),
            case .edit(let edit) = recording.events[last].event.body
        else { return nil }
        let subject = Activity.Subject(
            source: recording.events[last].address.source, thing: .document(edit.document))
        // The last run: back to a pause of a minute or to another document.
        let minute = Duration.seconds(60)
        var first = last
        for index in stride(from: last - 1, through: 0, by: -1) {
            let timed = recording.events[index]
            if recording.events[first].time - timed.time > minute { break }
            guard case .edit(let earlier) = timed.event.body else { continue }
            guard earlier.document == edit.document, timed.address.source == subject.source else { break }
            first = index
        }
        var texts = PlaybackTexts()
        for timed in recording.events[..<first] { texts.apply(timed) }
        let before = texts.document(subject)?.text.bytes ?? []
        for timed in recording.events[first...] { texts.apply(timed) }
        guard let document = texts.document(subject) else { return nil }
        let line = document.text.line(of: document.cursor ?? Int(clamping: edit.offset) + edit.inserted.count)
        var unsaved: Int?
        if case .text(let disk, _) = document.disk, disk != document.text {
            let diff = LineDiff(from: disk.bytes, to: document.text.bytes)
            unsaved = diff.hunks.reduce(0) { $0 + max($1.inserted.count, $1.removed.count) }
        }
        return Here(
            document: document, source: subject.source, time: recording.events[last].time, line: line,
            landmark: Landmark.name(in: document.text, at: line, path: document.path),
            diff: LineDiff(from: before, to: document.text.bytes), unsavedLines: unsaved)
    }
}
