import Archive
import EventSchema
import Foundation

extension ArchiveClient {
    /// The events of a source up to and with batch `last`, in order, their times never going back.
    ///
    /// - Throws: `AMQPError`; `ArchiveError`, also where the archive does not have them all.
    public func events(of source: SourceID, through last: UInt64) async throws -> [TimedEvent] {
        var events: [TimedEvent] = []
        var (next, newest): (UInt64, RecordTime) = (1, .distantPast)
        while next <= last {
            var request = ArchiveRequest()
            request.range.source = Data(source.bytes)
            request.range.firstSeq = next
            request.range.lastSeq = last
            let reply = try await ask(request).range
            let before = next
            for stored in reply.blocks {
                let body = try StoredRow.body(of: Array(stored))
                guard body.source == source else { throw ArchiveError(.damaged, "the archive told another source") }
                for var timed in body.timedEvents where timed.address.seq >= next && timed.address.seq <= last {
                    newest = max(newest, timed.time)
                    timed.time = newest
                    events.append(timed)
                }
                next = max(next, body.seqs.upperBound + 1)
            }
            guard next > before else {
                throw ArchiveError(.missing, "the team's archive does not have all of source \(source) yet")
            }
        }
        return events
    }
}
