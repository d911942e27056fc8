import Archive
import EventSchema
import Foundation
import Viewer

/// Finds the session that a person means: a short id or its beginning, `last`, `current`, `@USER` or a title.
struct SessionSelector {
    var sessions: [SessionSummary]
    /// The session of the surrounding recorded shell: `current`, and never `last`.
    var current: SessionID?
    /// The workspace one is in; `last` prefers it.
    var workspace: [UInt8]

    init(sessions: [SessionSummary], settings: Settings, workspace: [UInt8]) {
        self.sessions = sessions
        self.workspace = workspace
        current = settings.currentSession.flatMap(Identifier.init).map(SessionID.init)
    }

    /// - Throws: `CommandFailure(.missing)`, or `.badData` when several fit, with the candidates.
    func find(_ text: String) throws -> SessionSummary {
        switch text {
        case "last": return try last(of: sessions)
        case "current":
            guard let current else {
                throw CommandFailure(.missing, "this is no recorded shell: there is no current session")
            }
            guard let found = sessions.first(where: { $0.id == current }) else {
                throw CommandFailure(.missing, "the current session \(current.short) has nothing in the archive yet")
            }
            return found
        case _ where text.hasPrefix("@"):
            let theirs = sessions.filter { $0.user == text.dropFirst() }
            guard !theirs.isEmpty else { throw CommandFailure(.missing, "there is no session of \(text.dropFirst())") }
            return try last(of: theirs)
        default: return try named(text)
        }
    }

    private func last(of candidates: [SessionSummary]) throws -> SessionSummary {
        let others = candidates.filter { $0.id != current }
        let here = others.filter { !workspace.isEmpty && $0.workspace == workspace }
        guard let last = (here.isEmpty ? others : here).max(by: { $0.last < $1.last }) else {
            throw CommandFailure(.missing, "there is no session yet; `playhead rec` records one")
        }
        return last
    }

    private func named(_ text: String) throws -> SessionSummary {
        if let identifier = Identifier(text), let found = sessions.first(where: { $0.id.identifier == identifier }) {
            return found
        }
        let wanted = text.lowercased()
        let byID = wanted.count >= 2 ? sessions.filter { $0.id.identifier.short.hasPrefix(wanted) } : []
        if byID.count == 1 { return byID[0] }
        let byTitle = sessions.filter { $0.title == text }
        if byID.isEmpty, let newest = byTitle.max(by: { $0.last < $1.last }) { return newest }
        guard !byID.isEmpty else {
            throw CommandFailure(.missing, "there is no session '\(text)'; `playhead ls` lists them")
        }
        let candidates = byID.map { "  \($0.id.short)  \($0.first.rfc3339.prefix(16))  \(Sanitize.line($0.title))" }
            .joined(
                separator: "\n")
        throw CommandFailure(.badData, "'\(text)' may be any of these; type one more letter:\n\(candidates)")
    }
}
