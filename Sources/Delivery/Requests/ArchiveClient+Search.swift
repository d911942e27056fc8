import Archive
import EventSchema
import Foundation

extension ArchiveClient {
    /// Moments of these sessions whose command, note, file name or session title holds `text`, newest first.
    ///
    /// - Parameter most: the most findings.
    /// - Throws: `AMQPError`; `ArchiveError`.
    public func search(_ text: String, among sessions: [SessionID], most: Int) async throws -> [SearchFinding] {
        var findings: [SearchFinding] = []
        // A request is small: the sessions go in portions, and what is newest of all is known at the end.
        for portion in stride(from: 0, to: sessions.count, by: 1000) {
            var request = ArchiveRequest()
            request.search.text = text
            request.search.limit = UInt32(clamping: most)
            request.search.sessions = sessions[portion..<min(portion + 1000, sessions.count)].map { Data($0.bytes) }
            findings += try await ask(request).search.hits.compactMap { hit in
                guard let session = SessionID(bytes: hit.session) else { return nil }
                return SearchFinding(
                    session: session, user: hit.user, time: RecordTime(microseconds: hit.timeUs), kind: hit.kind,
                    text: hit.text)
            }
        }
        return Array(findings.sorted { ($1.time, $1.session) < ($0.time, $0.session) }.prefix(most))
    }
}
