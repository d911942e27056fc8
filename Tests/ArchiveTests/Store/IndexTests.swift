import Archive
import EventSchema
import Foundation
import TestSupport
import Testing

/// The index says what the archive holds, however often it is lost.
@Suite struct IndexTests {
    private static let now = RecordTime(milliseconds: 1_790_000_000_000)

    private func recorded(in archive: ArchiveHome) throws -> (ArchiveWriter, SessionID) {
        let writer = try ArchiveWriter(home: archive)
        let session = SessionID.make(at: Self.now)
        var opened = SessionOpened()
        opened.title = "login form"
        opened.workspace = Data("/home/a/shop".utf8)
        opened.user = "alice"
        var started = CommandStarted()
        started.command = 1
        started.text = Data("make test".utf8)
        var finished = CommandFinished()
        finished.command = 1
        finished.status = 2
        finished.durationUs = 1_500_000
        var note = Note()
        note.id = "n"
        note.text = "look at refresh() first"
        note.next = true
        let events = [
            Event(.sessionOpened(opened)), Event(.commandStarted(started)), Event(.commandFinished(finished)),
            Event(.note(note)),
        ]
        let batch = BatchCodec.encode(
            source: .make(at: Self.now), session: session, seq: 1, previous: nil,
            events: events.enumerated().map { (Self.now + .seconds($0.offset), $0.element) })
        _ = try writer.append([batch], user: "alice", now: Self.now)
        return (writer, session)
    }

    @Test func itSaysWhatHappened() throws {
        let home = try TemporaryHome()
        let archive = ArchiveHome(home.url)
        let (_, session) = try recorded(in: archive)
        try IndexProjector(home: archive).catchUp()
        let summary = try #require(try ArchiveReader(home: archive).sessions().first)
        #expect(summary.id == session)
        #expect(summary.title == "login form")
        #expect(summary.workspacePath == "/home/a/shop")
        #expect(summary.commands == 1 && summary.failedCommands == 1 && summary.notes == 1)
        #expect(summary.first == Self.now && summary.last == Self.now + .seconds(3))
        #expect(summary.closed == nil)
    }

    @Test(arguments: ["deleted", "damaged"]) func itIsFilledAgain(after loss: String) throws {
        let home = try TemporaryHome()
        let archive = ArchiveHome(home.url)
        let (writer, _) = try recorded(in: archive)
        do { try IndexProjector(home: archive).catchUp() }
        let before = try ArchiveReader(home: archive).sessions()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: archive.index.path + suffix) }
        if loss == "damaged" {
            try Data("no database at all, but long enough to be read as one".utf8).write(to: archive.index)
        }
        let projector = try IndexProjector(home: archive)
        try projector.catchUp()
        #expect(try ArchiveReader(home: archive).sessions() == before)
        #expect(try projector.behind() == 0)
        withExtendedLifetime(writer) {}
    }

    @Test func deletedWhileItIsOpen() throws {
        let home = try TemporaryHome()
        let archive = ArchiveHome(home.url)
        let (writer, _) = try recorded(in: archive)
        let projector = try IndexProjector(home: archive)
        try projector.catchUp()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: archive.index.path + suffix) }
        try projector.catchUp()
        #expect(try ArchiveReader(home: archive).sessions().map(\.title) == ["login form"])
        withExtendedLifetime(writer) {}
    }
}
