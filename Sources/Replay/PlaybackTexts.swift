import EventSchema
import Model

/// The documents of a recording, without terminals: enough for looking at the text around an edit.
struct PlaybackTexts: Sendable {
    private var sources: [SourceID: SourceModel] = [:]

    mutating func apply(_ timed: TimedEvent) {
        sources[timed.address.source, default: SourceModel(source: timed.address.source, lanes: .documents)].apply(
            timed)
    }

    func document(_ subject: Activity.Subject) -> DocumentModel? {
        guard case .document(let number) = subject.thing else { return nil }
        return sources[subject.source]?.documents[number]
    }

    /// Whether more than `count` lines lie between two offsets.
    func hasLines(_ count: Int, between a: Int, and b: Int, in subject: Activity.Subject) -> Bool {
        guard let text = document(subject)?.text else { return false }
        let (end, block) = (min(max(a, b), text.count), 4096)
        var (start, found) = (min(a, b), 0)
        while start < end, found <= count {
            let next = min(start + block, end)
            found += text[start..<next].count { $0 == UInt8(ascii: "\n") }
            start = next
        }
        return found > count
    }

    func line(of offset: Int, in subject: Activity.Subject) -> Int {
        document(subject)?.text.line(of: offset) ?? 0
    }
}
