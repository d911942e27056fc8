import EventSchema
import Model

/// Groups the events of a recording into scenes: a new one after 60 s without a human event, when edits move more than
/// 40 lines away, or when another file or terminal takes over for more than 5 s.
public struct Scenes: Sendable {
    public static let pause = Duration.seconds(60)
    public static let farAway = 40
    public static let takeover = Duration.seconds(5)

    public private(set) var all: [Scene] = []

    private var state: PlaybackTexts
    private var open: Scene?
    private var lastHuman = RecordTime.distantPast
    /// Where the last edit ended, per document, and how many edits of the scene each document got.
    private var lastEdits: [Activity.Subject: Int] = [:]
    private var editCounts: [Activity.Subject: Int] = [:]
    /// Another thing than the scene's is being worked on since then.
    private var rival: (subject: Activity.Subject, since: RecordTime, event: Int)?
    private var inserted = 0
    private var removed = 0
    private var outcomes: [[UInt8]: Bool] = [:]
    private var commands: [Activity.Subject: CommandStarted] = [:]

    public init(of recording: Recording, activity: Activity) {
        state = PlaybackTexts()
        var shown = activity.entries[...]
        for (index, timed) in recording.events.enumerated() {
            if let entry = shown.first, entry.index == index {
                shown.removeFirst()
                take(entry, timed)
            }
            state.apply(timed)
        }
        close(at: recording.events.count)
    }

    private mutating func take(_ entry: Activity.Entry, _ timed: TimedEvent) {
        var begins = (event: entry.index, time: timed.time)
        if entry.isHuman {
            if timed.time - lastHuman > Self.pause || hasMoved(timed) {
                close(at: entry.index)
                rival = nil
            } else if isTakenOver(entry), let rival {
                begins = (rival.event, rival.since)
                let end = open?.end ?? rival.since
                open?.end = min(end, rival.since)
                close(at: rival.event)
                self.rival = nil
            }
            lastHuman = timed.time
        }
        if open == nil {
            open = Scene(
                events: begins.event..<begins.event, start: begins.time, end: timed.time, subject: entry.subject,
                edits: 0,
                statusChanges: 0, commands: 0, effort: 0, path: [], landmark: nil)
        }
        if entry.subject.thing != .none, open?.subject.thing == Activity.Subject.Thing.none {
            open?.subject = entry.subject
        }
        open?.end = timed.time
        weigh(entry, timed)
    }

    /// Whether an edit is far from the one before it in the same document.
    private mutating func hasMoved(_ timed: TimedEvent) -> Bool {
        guard case .edit(let edit) = timed.event.body else { return false }
        let subject = Activity.Subject(source: timed.address.source, thing: .document(edit.document))
        let offset = Int(clamping: edit.offset)
        let last = lastEdits.updateValue(offset &+ edit.inserted.count, forKey: subject)
        // Forty lines are more than forty bytes: only a longer way is worth counting.
        guard let last, abs(offset &- last) > Self.farAway else { return false }
        return state.hasLines(Self.farAway, between: offset, and: last, in: subject)
    }

    /// Whether something else than the scene's subject has held the person for long enough.
    private mutating func isTakenOver(_ entry: Activity.Entry) -> Bool {
        guard let open, entry.subject.thing != .none, open.subject.thing != .none else { return false }
        guard entry.subject != open.subject else {
            rival = nil
            return false
        }
        guard let rival, rival.subject == entry.subject else {
            rival = (entry.subject, entry.time, entry.index)
            return false
        }
        return entry.time - rival.since > Self.takeover
    }

    private mutating func weigh(_ entry: Activity.Entry, _ timed: TimedEvent) {
        switch timed.event.body {
        case .edit(let edit):
            guard entry.isHuman else { return }
            open?.edits += 1
            editCounts[entry.subject, default: 0] += 1
            inserted += min(edit.inserted.count, 200)
            removed += Int(clamping: min(edit.removed, 200))
        case .commandStarted(let command):
            let subject = Activity.Subject(source: entry.subject.source, thing: .terminal(command.command))
            commands[subject] = command
            open?.commands += 1
            open?.effort += 20
            if open?.edits == 0, open?.path.isEmpty == true { open?.path = Array(command.text.prefix(200)) }
        case .commandFinished(let finished):
            let subject = Activity.Subject(source: entry.subject.source, thing: .terminal(finished.command))
            guard let command = commands.removeValue(forKey: subject), finished.hasStatus else { return }
            let passed = finished.status == 0
            if let before = outcomes.updateValue(passed, forKey: Array(command.text)), before != passed {
                open?.statusChanges += 1
                open?.effort += 60
            } else if !passed {
                open?.effort += 20
            }
        case .note, .marker, .commitMade, .cellRun: open?.effort += 20
        default: break
        }
    }

    private mutating func close(at index: Int) {
        guard var scene = open else { return }
        open = nil
        scene.events = scene.events.lowerBound..<max(index, scene.events.lowerBound)
        scene.effort += Double(inserted + removed + max(inserted - removed, 0))
        (inserted, removed) = (0, 0)
        let most = editCounts.max { ($0.value, $1.key.source) < ($1.value, $0.key.source) }
        if let subject = most?.key, let document = state.document(subject) {
            let line = state.line(of: lastEdits[subject] ?? 0, in: subject)
            scene.subject = subject
            scene.path = document.path
            scene.landmark = Landmark.name(in: document.text, at: line, path: document.path)
        }
        editCounts = [:]
        all.append(scene)
    }
}
