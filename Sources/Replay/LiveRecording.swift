import EventSchema
import Model

/// A recording that grows while it is watched: what every surface of a live session shows. It begins with states of
/// sources, or with all their events.
public struct LiveRecording: Sendable {
    /// The state at the live edge, with the events that led there.
    public private(set) var playback: PlaybackState
    /// Whether it reaches back to the beginning, so that one can go there.
    public private(set) var hasHistory = false

    public init() { playback = PlaybackState(of: Recording(sessions: [], sources: [], events: [])) }

    public var recording: Recording { playback.recording }

    public mutating func take(_ source: SourceInfo) { playback.add(source) }
    public mutating func take(_ session: SessionInfo) { playback.put(session) }

    /// A source stands here now.
    public mutating func take(_ model: SourceModel) { playback.adopt(model) }

    /// What happened next.
    public mutating func take(_ events: [TimedEvent]) {
        for timed in events {
            switch timed.event.body {
            case .sourceOpened(let opened): playback.name(timed.address.source, program: opened.program)
            case .sessionOpened(let opened): playback.put(opened, of: timed)
            case .sessionClosed: playback.close(timed)
            default: break
            }
        }
        playback.append(events)
        playback.move(to: playback.recording.events.count)
    }

    /// What a state had stepped over: it comes where the state was taken.
    public mutating func take(late events: [TimedEvent]) {
        guard let first = events.first, let last = events.last else { return }
        var all = recording.events
        let behind = all.firstIndex {
            $0.address.source == first.address.source && $0.address.seq > last.address.seq
        }
        all.insert(contentsOf: events, at: behind ?? all.count)
        rebuild(with: all, keeping: !hasHistory)
    }

    /// Everything before the first of what was told, in merged order: now one can go back to the beginning.
    public mutating func take(history: [TimedEvent]) {
        guard !hasHistory else { return }
        hasHistory = true
        rebuild(with: history + recording.events, keeping: false)
    }

    /// - Parameter states: whether the states of now stay; they do where their beginnings are not known.
    private mutating func rebuild(with events: [TimedEvent], keeping states: Bool) {
        let old = playback
        playback = PlaybackState(
            of: Recording(sessions: old.recording.sessions, sources: old.recording.sources, events: events))
        for timed in events {
            if case .sourceOpened(let opened) = timed.event.body {
                playback.name(timed.address.source, program: opened.program)
            }
        }
        if states {
            playback.stand(as: old)
        } else {
            playback.move(to: events.count)
        }
    }
}
