import EventSchema

/// An event on one line for a person: time, kind, the fields that say most. Never raw bytes of the recording.
struct EventLine {
    let text: String

    init(_ timed: TimedEvent) {
        let members = EventJSON.body(of: timed.event).members ?? []
        let kind = members.first { $0.key == "kind" }?.value.string ?? "unknown"
        let fields = members.filter { $0.key != "kind" }.map { "\($0.key)=\(Self.short($0.value))" }
        text = "\(LocalTime(timed.time).fullClock)  \(kind)  \(fields.joined(separator: " "))"
    }

    private static func short(_ value: JSONValue) -> String {
        let text = value.encoded
        return text.count > 100 ? text.prefix(97) + "..." : text
    }
}
