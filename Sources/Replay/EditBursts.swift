import EventSchema

/// Where runs of typing end: the places to tell what a run changed, rather than every key of it.
public struct EditBursts: Sendable {
    /// The places in `Recording.events` of the last edit of each run that has ended.
    public private(set) var ends: Set<Int> = []
    /// The run that may still go on.
    private var open: (subject: Activity.Subject, last: Int, started: RecordTime, time: RecordTime)?
    private let pause: Duration
    private let longest: Duration

    /// No runs yet.
    ///
    /// - Parameters:
    ///   - pause: a longer one between two edits ends a run.
    ///   - longest: no run takes longer in record time.
    public init(pause: Duration = .seconds(4), longest: Duration = .seconds(30)) {
        self.pause = pause
        self.longest = longest
    }

    /// The runs of a whole recording.
    public init(in recording: Recording, pause: Duration = .seconds(4), longest: Duration = .seconds(30)) {
        self.init(pause: pause, longest: longest)
        for (index, timed) in recording.events.enumerated() { _ = take(timed, at: index) }
        _ = end()
    }

    /// Takes the next event.
    ///
    /// - Returns: whether a run ended before it.
    public mutating func take(_ timed: TimedEvent, at index: Int) -> Bool {
        switch timed.event.body {
        case .edit(let edit):
            let subject = Activity.Subject(source: timed.address.source, thing: .document(edit.document))
            if let run = open, run.subject == subject, timed.time - run.time <= pause,
                timed.time - run.started <= longest
            {
                open = (subject, index, run.started, timed.time)
                return false
            }
            defer { open = (subject, index, timed.time, timed.time) }
            return end()
        case .documentSaved, .documentClosed, .documentResynced, .commandStarted, .note: return end()
        default: return false
        }
    }

    /// The run under way is over.
    ///
    /// - Returns: whether there was one.
    public mutating func end() -> Bool {
        guard let run = open else { return false }
        ends.insert(run.last)
        open = nil
        return true
    }
}
