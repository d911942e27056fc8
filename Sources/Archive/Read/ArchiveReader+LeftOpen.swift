import EventSchema
import Foundation
import GRDB

/// A session that nobody has closed.
public struct SessionLeftOpen: Sendable, Equatable {
    public var id: SessionID
    public var workspace: [UInt8]
    public var title: String
    /// When its last event was.
    public var last: RecordTime
}

extension ArchiveReader {
    /// The sessions that were being recorded when their agent died: fed in this boot of the machine, and not closed.
    /// Reads the truth, for the index may be behind.
    ///
    /// - Parameters:
    ///   - since: what had its last event before counts only while a recorder of it runs.
    ///   - isRunning: whether a process of this machine, by its number, runs.
    public func sessionsLeftOpen(
        boot: [UInt8], since: RecordTime, isRunning: (UInt32) -> Bool
    ) throws(ArchiveError) -> [SessionLeftOpen] {
        let open = try unclosedSources(boot: boot)
        var last: [SessionID: RecordTime] = [:]
        for source in open where source.end >= since || isRunning(source.process) {
            last[source.session] = max(last[source.session] ?? .distantPast, source.end)
        }
        var left: [SessionLeftOpen] = []
        for (session, last) in last.sorted(by: { $0.value < $1.value }) {
            var found = SessionLeftOpen(id: session, workspace: [], title: "", last: last)
            // Which way the last word of an agent went, whichever agent's source it is in.
            var word: (time: RecordTime, isOpen: Bool)?
            for source in try sources(of: session) where source.kind == .session {
                for timed in try events(of: source.id) {
                    switch timed.event.body {
                    case .sessionOpened(let opened):
                        if !opened.resumed { (found.workspace, found.title) = (Array(opened.workspace), opened.title) }
                        if timed.time >= word?.time ?? .distantPast { word = (timed.time, true) }
                    case .sessionClosed:
                        if timed.time >= word?.time ?? .distantPast { word = (timed.time, false) }
                    case .sessionEdited(let edited): if edited.hasTitle { found.title = edited.title }
                    default: break
                    }
                }
            }
            if word?.isOpen == true { left.append(found) }
        }
        return left
    }

    private func unclosedSources(
        boot: [UInt8]
    ) throws(ArchiveError) -> [(session: SessionID, end: RecordTime, process: UInt32)] {
        do {
            let rows = try archive.read { db in
                try Row.fetchAll(
                    db,
                    sql: """
                        SELECT s.session, s.end_us, s.kind, b.body FROM sources s
                        JOIN blocks b ON b.source = s.id AND b.first = 1 WHERE s.boot = ? AND s.closed = 0
                        """, arguments: [Data(boot)])
            }
            return try rows.compactMap { row in
                let id: Data = row["session"]
                let kind: Int = row["kind"]
                guard let session = SessionID(bytes: id) else { return nil }
                // An agent is none of the recorders that may come back.
                let isRecorder = kind != SourceKind.session.rawValue
                let first = isRecorder ? try StoredBlock.events(in: row["body"]).first : nil
                guard case .sourceOpened(let opened)? = first?.event.body else {
                    return (session, RecordTime(microseconds: row["end_us"]), 0)
                }
                return (session, RecordTime(microseconds: row["end_us"]), opened.process)
            }
        } catch {
            throw ArchiveError(translating: error, doing: "look for open sessions")
        }
    }
}
