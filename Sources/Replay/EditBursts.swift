import EventSchema

/// Where runs of typing end: the places to tell what a run changed, rather than every key of it.
public struct EditBursts: Sendable {
    /// The places in `Recording.events` of the last edit of each run.
    public private(set) var ends: Set<Int> = []

    /// - Parameters:
    ///   - pause: a longer one between two edits ends a run.
    ///   - longest: no run takes longer in record time.
    public init(in recording: Recording, pause: Duration = .seconds(4), longest: Duration = .seconds(30)) {
        var open: (subject: Activity.Subject, last: Int, started: RecordTime, time: RecordTime)?
        for (index, timed) in recording.events.enumerated() {
            switch timed.event.body {
            case .edit(let edit):
                let subject = Activity.Subject(source: timed.address.source, thing: .document(edit.document))
                if let run = open, run.subject == subject, timed.time - run.time <= pause,
                    timed.time - run.started <= longest
                {
                    open = (subject, index, run.started, timed.time)
                } else {
                    if let run = open { ends.insert(run.last) }
                    open = (subject, index, timed.time, timed.time)
                }
            case .documentSaved, .documentClosed, .documentResynced, .commandStarted, .note:
                if let run = open { ends.insert(run.last) }
                open = nil
            default: break
            }
        }
        if let run = open { ends.insert(run.last) }
    }
}
