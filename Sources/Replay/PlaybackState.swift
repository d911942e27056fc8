import EventSchema
import Model

/// The state of a recording after some of its events, with kept states on the way so that going back is quick.
public struct PlaybackState: Sendable {
    /// The events, in order.
    public private(set) var recording: Recording
    /// How many of them are applied.
    public private(set) var applied = 0
    public private(set) var sources: [SourceID: SourceModel] = [:]
    /// Where the person is: the newest target of a focus or of work.
    public private(set) var place: Activity.Subject?
    /// The newest document and the newest terminal that something happened in.
    public private(set) var document: Activity.Subject?
    public private(set) var terminal: Activity.Subject?
    private var kept: [Kept] = []
    private var spacing = 512

    private struct Kept {
        var applied: Int
        var sources: [SourceID: SourceModel]
        var place: Activity.Subject?
        var document: Activity.Subject?
        var terminal: Activity.Subject?
    }

    /// The state before the first event.
    public init(of recording: Recording) { self.recording = recording }

    /// Applies events, or goes back and applies again, until `count` are applied.
    public mutating func move(to count: Int) {
        let count = min(max(count, 0), recording.events.count)
        let nearest = kept.last { $0.applied <= count }
        if count < applied || (nearest?.applied ?? 0) > applied {
            applied = nearest?.applied ?? 0
            sources = nearest?.sources ?? [:]
            place = nearest?.place
            document = nearest?.document
            terminal = nearest?.terminal
        }
        while applied < count {
            apply(recording.events[applied])
            applied += 1
            if applied % spacing == 0, (kept.last?.applied ?? 0) < applied { keep() }
        }
    }

    /// Takes events that came later.
    public mutating func append(_ events: [TimedEvent]) { recording.append(events) }

    /// A source stands here now, whatever was known of it; what comes next of it follows on that.
    public mutating func adopt(_ model: SourceModel) {
        let isNewest = sources.values.allSatisfy { ($0.lastHuman ?? .distantPast) <= (model.lastHuman ?? .distantPast) }
        sources[model.source] = model
        kept = []
        if let newest = model.documents.values.filter(\.isOpen).max(by: { $0.changed < $1.changed }),
            isNewest || document == nil
        {
            document = Activity.Subject(source: model.source, thing: .document(newest.number))
        }
        if let newest = model.terminals.values.filter({ $0.number != 0 && !$0.hasExited }).max(by: {
            $0.number < $1.number
        }),
            isNewest || terminal == nil
        {
            terminal = Activity.Subject(source: model.source, thing: .terminal(newest.number))
        }
        guard isNewest || place == nil else { return }
        switch model.focus {
        case .document(let number): place = Activity.Subject(source: model.source, thing: .document(number))
        case .terminal(let number): place = Activity.Subject(source: model.source, thing: .terminal(number))
        case .away, nil: if place == nil { place = document ?? terminal }
        }
        if case .document? = place?.thing, place?.source == model.source { document = place }
        if case .terminal? = place?.thing, place?.source == model.source { terminal = place }
    }

    /// Stands at the end of its events with the states of another playback.
    mutating func stand(as other: PlaybackState) {
        applied = recording.events.count
        sources = other.sources
        (place, document, terminal) = (other.place, other.document, other.terminal)
    }

    public mutating func add(_ source: SourceInfo) { recording.add(source) }
    public mutating func put(_ session: SessionInfo) { recording.put(session) }
    mutating func name(_ source: SourceID, program: String) { recording.name(source, program: program) }
    public mutating func put(_ opened: SessionOpened, of timed: TimedEvent) { recording.put(opened, of: timed) }
    mutating func close(_ timed: TimedEvent) { recording.close(timed) }

    /// The document shown to the person, with the source it is of.
    public func document(_ subject: Activity.Subject) -> DocumentModel? {
        guard case .document(let number) = subject.thing else { return nil }
        return sources[subject.source]?.documents[number]
    }

    /// The terminal of a subject.
    public func terminal(_ subject: Activity.Subject) -> TerminalModel? {
        guard case .terminal(let number) = subject.thing else { return nil }
        return sources[subject.source]?.terminals[number]
    }

    private mutating func apply(_ timed: TimedEvent) {
        let source = timed.address.source
        sources[source, default: SourceModel(source: source, lanes: .keyframe)].apply(timed)
        guard let body = timed.event.body, let isHuman = Activity.isHuman(body) else { return }
        let subject = Activity.Subject(source: source, thing: LaneSorter(lanes: []).thing(of: body, in: source))
        switch subject.thing {
        case .document: if isHuman { document = subject }
        case .terminal(let number): if number != 0 { terminal = subject }
        case .notebook, .none: return
        }
        if isHuman { place = subject }
    }

    /// Keeps this state. At 64 kept ones every second goes, and they are kept half as often.
    private mutating func keep() {
        kept.append(
            Kept(applied: applied, sources: sources, place: place, document: document, terminal: terminal))
        guard kept.count >= 64 else { return }
        kept = kept.enumerated().compactMap { $0.offset % 2 == 1 ? $0.element : nil }
        spacing *= 2
    }
}
