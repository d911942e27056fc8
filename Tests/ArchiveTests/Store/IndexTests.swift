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

    /// Live batches of several sources lie between each other: projected in one step or one by one, they say the same.
    @Test func manyBlocksAtOnceSayWhatTheySayOneByOne() throws {
        let (together, apart) = (try TemporaryHome(), try TemporaryHome())
        let homes = [together, apart].map { ArchiveHome($0.url) }
        let writers = try homes.map { try ArchiveWriter(home: $0) }
        let projectors = try homes.map { try IndexProjector(home: $0) }
        let session = SessionID.make(at: Self.now)
        let sources = (0..<3).map { _ in SourceID.make(at: Self.now) }
        var heads: [SourceID: CheckedBatch] = [:]
        for number in 0..<120 {
            let source = sources[number % 3]
            let last = heads[source]
            var opened = DocumentOpened()
            opened.document = 1
            opened.path = Data("/w/\(number)".utf8)
            var edit = Edit()
            edit.document = 1
            edit.inserted = Data("x".utf8)
            var output = TerminalOutput()
            output.data = Data("line\n".utf8)
            let body =
                last == nil
                ? Event(.documentOpened(opened)) : number % 7 == 0 ? Event(.terminalOutput(output)) : Event(.edit(edit))
            // The second source begins before the first one does.
            let time = Self.now + .seconds(number - (number % 3 == 1 ? 40 : 0))
            let batch = BatchCodec.encode(
                source: source, session: session, seq: (last?.seq ?? 0) + 1, previous: last?.hash,
                events: [(time, body)])
            heads[source] = batch
            for writer in writers { _ = try writer.append([batch], user: "alice", now: Self.now) }
            try projectors[1].catchUp()
        }
        try projectors[0].catchUp()
        let summaries = try homes.map { try #require(try ArchiveReader(home: $0).sessions().first) }
        #expect(summaries[0].edits == 120 - 3 - summaries[0].outputBytes / 5)
        #expect(summaries[0].outputBytes > 0 && summaries[0].files == 3)
        #expect(summaries[0].first == summaries[1].first && summaries[0].last == summaries[1].last)
        #expect(summaries[0].edits == summaries[1].edits && summaries[0].outputBytes == summaries[1].outputBytes)
        #expect(summaries[0].activity.map(\.minute) == summaries[1].activity.map(\.minute))
        #expect(summaries[0].activity.map(\.events) == summaries[1].activity.map(\.events))
        #expect(try projectors[0].behind() == 0)
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
