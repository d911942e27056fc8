import Archive
import EventSchema
import Foundation
import TestSupport

extension ImportInput {
    init(openData path: String) throws {
        let url = try OpenData.url(path)
        try self.init(name: url.lastPathComponent, bytes: Array(Data(contentsOf: url)))
    }

    init(_ text: String, name: String = "a") throws { try self.init(name: name, bytes: Array(text.utf8)) }
}

extension ImportedSession {
    /// All events of all sources as they come out of the batches, each batch checked as one from outside.
    func checkedEvents(user: String = "alice") throws -> [[TimedEvent]] {
        try sources.map { source in
            var previous: ContentHash?
            var events: [TimedEvent] = []
            for (index, batch) in source.batches(session: id, user: user).enumerated() {
                let checked = try BatchCodec.decode(batch.encoded)
                guard checked == batch, checked.previous == previous, checked.seq == UInt64(index) + 1,
                    checked.source == source.id, checked.session == id,
                    checked.batch.events.count <= ImportedSource.mostEvents
                else { throw SchemaError(.value, "a batch that does not follow the one before it") }
                previous = checked.hash
                events += checked.timedEvents
            }
            guard zip(events, events.dropFirst()).allSatisfy({ $0.time <= $1.time }) else {
                throw SchemaError(.value, "times that go back")
            }
            return events
        }
    }

    /// The bytes the terminal wrote.
    func output() throws -> [UInt8] {
        try checkedEvents().joined().reduce(into: []) { output, timed in
            if case .terminalOutput(let body) = timed.event.body { output += body.data }
        }
    }
}
