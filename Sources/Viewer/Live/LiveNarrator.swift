import EventSchema
import Model
import Replay

/// Tells a session as lines of text while it happens.
public struct LiveNarrator: Sendable {
    private var narrator: Narrator

    public init(clock: ClockFormat = ClockFormat()) {
        let nothing = Recording(sessions: [], sources: [], events: [])
        narrator = Narrator(of: nothing, map: TimeMap(of: Activity(of: nothing)), clock: clock)
        narrator.bursts = EditBursts(pause: .seconds(2), longest: .seconds(10))
    }

    /// How long after the last edit a run of typing is told, if nothing else ends it.
    public static let burstPause = Duration.seconds(2)

    public mutating func take(_ source: SourceInfo) {
        narrator.state.add(source)
        narrator.names = SourceNames(of: narrator.recording)
    }

    public mutating func take(_ session: SessionInfo) {
        narrator.state.put(session)
        narrator.names = SourceNames(of: narrator.recording)
    }

    /// The source stands here now. Nothing is told: what changed in it happened unseen.
    public mutating func take(_ model: SourceModel) {
        narrator.state.adopt(model)
        // Whether it has marks is not in a state; a command that was counted had some.
        if model.terminals.values.contains(where: { $0.commands > 0 }) { narrator.marked.insert(model.source) }
        for terminal in model.terminals.values {
            guard let running = terminal.running else { continue }
            narrator.commands[model.source, default: [:]][running.command.command] = running.command
            narrator.terminals[
                Activity.Subject(source: model.source, thing: .terminal(terminal.number)), default: .init()
            ]
            .isRunning = true
        }
    }

    /// What happened next, told.
    public mutating func take(_ events: [TimedEvent]) -> [StyledLine] {
        var lines: [StyledLine] = []
        let first = narrator.recording.events.count
        narrator.state.append(events)
        for index in first..<narrator.recording.events.count {
            let timed = narrator.recording.events[index]
            switch timed.event.body {
            case .commandStarted: narrator.marked.insert(timed.address.source)
            case .sessionOpened(let opened):
                narrator.state.put(opened, of: timed)
                narrator.names = SourceNames(of: narrator.recording)
            default: break
            }
            if narrator.bursts.take(timed, at: index) { narrator.tellBurst(at: timed.time, true, &lines) }
            if case .edit(let edit) = timed.event.body { narrator.begin(edit, of: timed.address.source) }
            narrator.state.move(to: index + 1)
            narrator.tell(timed, &lines)
        }
        return lines
    }

    /// The run of typing under way, told; for when nothing has come for `burstPause`.
    public mutating func pause() -> [StyledLine] {
        var lines: [StyledLine] = []
        if narrator.bursts.end(), let time = narrator.recording.events.last?.time {
            narrator.tellBurst(at: time, true, &lines)
        }
        return lines
    }
}
