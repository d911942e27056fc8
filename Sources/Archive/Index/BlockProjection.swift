import EventSchema
import Foundation
import GRDB

/// Writes what blocks of one source say into the index. Edits, output and activity are only counted, until `flush`: a
/// step of many blocks, or a block of thousands of edits, costs a few rows.
struct BlockProjection {
    let db: Database
    let session: Int64
    let source: Int64
    let user: String
    /// Whether it is a team's archive: there a session is whose login wrote it, whatever it says itself.
    let isTeams: Bool

    private var edits: [UInt32: (count: Int, last: Int64)] = [:]
    private var minutes: [Int64: Int] = [:]
    private var outputBytes = 0
    private var lastTime = Int64.min
    /// The newest batch that was taken; nil until there is one.
    private var head: UInt64?

    init(db: Database, session: Int64, source: Int64, user: String, isTeams: Bool) {
        self.db = db
        self.session = session
        self.source = source
        self.user = user
        self.isTeams = isTeams
    }

    /// Takes an event; they come in order, those the index has seen before left out.
    mutating func project(_ timed: TimedEvent) throws {
        let time = timed.time.microseconds
        head = timed.address.seq
        lastTime = max(lastTime, time)
        switch timed.event.body {
        case .edit(let edit):
            edits[edit.document, default: (0, 0)].count += 1
            edits[edit.document, default: (0, 0)].last = time
            human(time)
        case .terminalOutput(let output): outputBytes &+= output.data.count
        case .selections, .focus: human(time)
        case .sourceOpened(let opened):
            try db.execute(
                sql: "UPDATE sources SET kind = ?, program = ? WHERE id = ?",
                arguments: [opened.kind.rawValue, opened.program, source])
        case .sessionOpened(let opened): try project(opened)
        case .sessionEdited(let edited): try project(edited)
        case .sessionClosed:
            try db.execute(sql: "UPDATE sessions SET closed_us = ? WHERE id = ?", arguments: [time, session])
        case .documentOpened(let opened):
            try document(opened.document, path: opened.path, language: opened.language, isPrivate: false, time: time)
        case .documentPrivate(let opened):
            try document(opened.document, path: Data(), language: "", isPrivate: true, time: time)
        case .documentRenamed(let renamed):
            try db.execute(
                sql: "UPDATE documents SET path = ? WHERE source = ? AND number = ?",
                arguments: [renamed.path, source, renamed.document])
        case .documentSaved(let saved):
            human(time)
            try db.execute(
                sql: """
                    INSERT INTO saves(document, time_us, seq, idx, hash)
                    SELECT id, ?, ?, ?, ? FROM documents WHERE source = ? AND number = ?
                    """,
                arguments: [time, Int64(timed.address.seq), timed.address.index, saved.hash, source, saved.document])
        case .commandStarted(let started):
            human(time)
            try db.execute(
                sql:
                    "INSERT OR IGNORE INTO commands(source, number, time_us, text, directory, shell) VALUES(?, ?, ?, ?, ?, ?)",
                arguments: [
                    source, started.command, time, started.private ? nil : started.text, started.directory,
                    started.shell,
                ])
        case .commandFinished(let finished):
            try db.execute(
                sql: "UPDATE commands SET status = ?, duration_us = ? WHERE source = ? AND number = ?",
                arguments: [
                    finished.hasStatus ? finished.status : nil, Int64(clamping: finished.durationUs), source,
                    finished.command,
                ])
        case .note(let note): try project(note, at: time)
        case .noteEdited(let edited): try project(edited)
        case .environmentCaptured: try environment(timed, whole: true)
        case .environmentChanged: try environment(timed, whole: false)
        default: break
        }
    }

    private mutating func human(_ time: Int64) { minutes[time / 60_000_000, default: 0] += 1 }

    private func project(_ opened: SessionOpened) throws {
        if opened.resumed {
            // Where a session was shared in the middle, this is all that is known of it.
            try db.execute(
                sql: """
                    UPDATE sessions SET closed_us = NULL, title = iif(title = '', ?, title),
                        workspace = coalesce(workspace, ?), host = iif(host = '', ?, host) WHERE id = ?
                    """,
                arguments: [
                    opened.title, opened.workspace.isEmpty ? nil : opened.workspace, opened.host, session,
                ])
            return
        }
        try db.execute(
            sql: """
                UPDATE sessions SET title = ?, workspace = ?, user = ?, host = ?, reach = ?, broker = ?, virtual_host = ?,
                    tags = ? WHERE id = ?
                """,
            arguments: [
                opened.title, opened.workspace, opened.user.isEmpty || isTeams ? user : opened.user, opened.host,
                opened.reach.rawValue, opened.broker, opened.virtualHost, opened.tags.joined(separator: " "), session,
            ])
    }

    private func project(_ edited: SessionEdited) throws {
        if edited.hasTitle {
            try db.execute(sql: "UPDATE sessions SET title = ? WHERE id = ?", arguments: [edited.title, session])
        }
        if edited.reach != .unspecified {
            try db.execute(
                sql: """
                    UPDATE sessions SET reach = :reach, broker = iif(:broker = '', broker, :broker),
                        virtual_host = iif(:broker = '', virtual_host, :host) WHERE id = :session
                    """,
                arguments: [
                    "reach": edited.reach.rawValue, "broker": edited.broker, "host": edited.virtualHost,
                    "session": session,
                ])
            for floor in edited.sharedFrom {
                try db.execute(
                    sql: "INSERT INTO floors VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)",
                    arguments: [session, floor.source, Int64(clamping: floor.seq)])
            }
        }
        guard !edited.addTags.isEmpty || !edited.removeTags.isEmpty else { return }
        let old = try String.fetchOne(db, sql: "SELECT tags FROM sessions WHERE id = ?", arguments: [session]) ?? ""
        var tags = old.split(separator: " ").map(String.init).filter { !edited.removeTags.contains($0) }
        for tag in edited.addTags where !tags.contains(tag) { tags.append(tag) }
        try db.execute(
            sql: "UPDATE sessions SET tags = ? WHERE id = ?", arguments: [tags.joined(separator: " "), session])
    }

    private func document(_ number: UInt32, path: Data, language: String, isPrivate: Bool, time: Int64) throws {
        try db.execute(
            sql: """
                INSERT INTO documents(source, number, path, language, private, first_us, last_us) VALUES(?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET path = excluded.path, language = excluded.language, private = excluded.private
                """,
            arguments: [source, number, path, language, isPrivate, time, time])
    }

    private func project(_ note: Note, at time: Int64) throws {
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO notes(session, note, time_us, text, tags, next, todo, path, line)
                VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                session, note.id, note.hasAtUs ? note.atUs : time, note.text, note.tags.joined(separator: " "),
                note.next,
                note.todo, note.path.isEmpty ? nil : note.path, note.line == 0 ? nil : note.line,
            ])
    }

    private func project(_ edited: NoteEdited) throws {
        if edited.hasText {
            try db.execute(sql: "UPDATE notes SET text = ? WHERE note = ?", arguments: [edited.text, edited.id])
        }
        if edited.hasDone {
            try db.execute(sql: "UPDATE notes SET done = ? WHERE note = ?", arguments: [edited.done, edited.id])
        }
        if edited.removed { try db.execute(sql: "DELETE FROM notes WHERE note = ?", arguments: [edited.id]) }
    }

    private func environment(_ timed: TimedEvent, whole: Bool) throws {
        try db.execute(
            sql: "INSERT INTO environments(source, time_us, seq, idx, whole) VALUES(?, ?, ?, ?, ?)",
            arguments: [source, timed.time.microseconds, Int64(timed.address.seq), timed.address.index, whole])
    }

    /// Writes what was counted.
    func flush() throws {
        guard let head else { return }
        var total = 0
        for (number, edited) in edits {
            total += edited.count
            try db.cachedStatement(
                sql:
                    "UPDATE documents SET edits = edits + ?, last_us = max(last_us, ?) WHERE source = ? AND number = ?"
            ).execute(arguments: [edited.count, edited.last, source, number])
        }
        for (minute, count) in minutes {
            try db.cachedStatement(
                sql: """
                    INSERT INTO activity VALUES(?, ?, ?)
                    ON CONFLICT DO UPDATE SET human = human + excluded.human
                    """
            ).execute(arguments: [session, minute, count])
        }
        try db.cachedStatement(
            sql: """
                UPDATE sessions SET edits = edits + ?, output_bytes = output_bytes + ?, last_us = max(last_us, ?) WHERE id = ?
                """
        ).execute(arguments: [total, outputBytes, lastTime, session])
        try db.cachedStatement(sql: "UPDATE sources SET head = ?, end_us = max(end_us, ?) WHERE id = ?")
            .execute(arguments: [Int64(head), lastTime, source])
    }
}
