import EventSchema
import Replay
import Viewer

/// An event on one line for a person: time, kind, the fields that say most. Never raw bytes of the recording.
struct EventLine {
    let text: String

    init(_ timed: TimedEvent) {
        let time = LocalTime(timed.time).fullClock
        if let words = Self.words(timed.event) {
            text = "\(time)  \(words)"
            return
        }
        let members = EventJSON.body(of: timed.event).members ?? []
        let kind = members.first { $0.key == "kind" }?.value.string ?? "unknown"
        let fields = members.filter { $0.key != "kind" }.map { "\($0.key)=\(Self.short($0.value))" }
        text = "\(time)  \(kind)  \(fields.joined(separator: " "))"
    }

    /// The kinds that people look for, in their own words; nil for the others.
    private static func words(_ event: Event) -> String? {
        switch event.body {
        case .commandStarted(let started):
            let line = started.private ? "(private)" : String(decoding: started.text, as: UTF8.self)
            return "$ \(Sanitize.line(line))    in \(Sanitize.line(String(decoding: started.directory, as: UTF8.self)))"
        case .commandFinished(let finished):
            let length = DurationText.precise(.microseconds(Int64(clamping: finished.durationUs)))
            return "  exit \(finished.hasStatus ? "\(finished.status)" : "?") after \(length)"
        case .note(let note):
            return "\(note.next ? "NEXT" : note.todo ? "TO DO" : "note"): \(Sanitize.line(note.text))"
        case .documentOpened(let opened):
            return "opened \(Sanitize.line(String(decoding: opened.path, as: UTF8.self)))"
        default: return nil
        }
    }

    private static func short(_ value: JSONValue) -> String {
        let text = value.encoded
        return text.count > 100 ? text.prefix(97) + "..." : text
    }
}
