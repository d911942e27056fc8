import Archive
import EventSchema
import Replay

/// Reads sessions from the archive into what the players take.
struct RecordingLoader {
    private let library: Library

    init(_ library: Library) { self.library = library }

    func load(_ sessions: [SessionSummary]) throws -> Recording {
        try library.need(sessions)
        var sources: [SourceInfo] = []
        for session in sessions {
            let opened = try library.reader.sources(of: session.id)
            sources += opened.map { SourceInfo(id: $0.id, session: $0.session, kind: $0.kind, user: $0.user) }
        }
        let events = try library.reader.events(of: sessions.map(\.id))
        var programs: [SourceID: String] = [:]
        for timed in events {
            if case .sourceOpened(let opened) = timed.event.body { programs[timed.address.source] = opened.program }
        }
        for place in sources.indices { sources[place].program = programs[sources[place].id] ?? "" }
        return Recording(sessions: sessions.map { SessionInfo($0) }, sources: sources, events: events)
    }
}
