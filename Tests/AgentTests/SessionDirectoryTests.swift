import EventSchema
import Testing

@testable import Agent

@Suite struct SessionDirectoryTests {
    private let instant = ContinuousClock.now
    private let now = RecordTime(milliseconds: 1_790_000_000_000)
    private func path(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func theNearestWorkspaceWins() {
        var directory = SessionDirectory()
        let outer = SessionID.make(at: now)
        let inner = SessionID.make(at: now)
        directory.open(outer, workspace: path("/home/a"), title: "", at: now, instant)
        directory.open(inner, workspace: path("/home/a/shop"), title: "", at: now, instant)
        #expect(directory.nearest(to: path("/home/a/shop/src/x.py"))?.id == inner)
        #expect(directory.nearest(to: path("/home/a/shop"))?.id == inner)
        #expect(
            directory.nearest(to: path("/home/a/shopping/x.py"))?.id == outer, "a name that begins alike is another")
        #expect(directory.nearest(to: path("/home/b")) == nil)
    }

    private func opened(_ sources: [(SourceID, client: Int, holds: Bool)]) -> (SessionDirectory, SessionID) {
        var directory = SessionDirectory()
        let session = SessionID.make(at: now)
        directory.open(session, workspace: path("/w"), title: "", at: now, instant)
        for (source, client, holds) in sources { directory.feed(source, in: session, by: client, holds: holds) }
        return (directory, session)
    }

    @Test func aSessionEndsWhenNobodyFeedsItForAWhile() {
        let source = SourceID.make(at: now)
        var (directory, session) = opened([(source, client: 1, holds: true)])
        #expect(directory.expire(instant + .seconds(3600)).isEmpty, "it is fed")
        directory.disconnected(1, at: now, instant + .seconds(3600))
        #expect(directory.expire(instant + .seconds(3605)).isEmpty, "its recorder may come back")
        directory.feed(source, in: session, by: 2, holds: true)
        #expect(directory.expire(instant + .seconds(4000)).isEmpty, "it did")
        directory.closed(source, at: now + .seconds(400), instant + .seconds(4000))
        #expect(directory.expire(instant + .seconds(4000)).isEmpty)
        let ended = directory.expire(instant + .seconds(4001))
        #expect(ended.map(\.id) == [session])
        #expect(ended.first?.idleSince == now + .seconds(400), "it ended when its recorder did")
        #expect(directory.sessions.isEmpty)
    }

    @Test func anEditorAloneDoesNotGoOnAfterThePersonEndedIt() {
        let (terminal, editor) = (SourceID.make(at: now), SourceID.make(at: now))
        var (directory, session) = opened([(terminal, client: 1, holds: true), (editor, client: 2, holds: false)])
        directory.closed(terminal, at: now, instant)
        #expect(directory.expire(instant + .seconds(2)).map(\.id) == [session])
    }

    @Test func anEditorGoesOnAfterItsTerminalCrashed() {
        let (terminal, editor) = (SourceID.make(at: now), SourceID.make(at: now))
        var (directory, session) = opened([(terminal, client: 1, holds: true), (editor, client: 2, holds: false)])
        directory.disconnected(1, at: now, instant)
        #expect(directory.expire(instant + .seconds(60)).isEmpty)
        directory.closed(editor, at: now, instant + .seconds(60))
        #expect(directory.expire(instant + .seconds(62)).map(\.id) == [session])
    }

    @Test func anotherTerminalKeepsItOpen() {
        let (first, second) = (SourceID.make(at: now), SourceID.make(at: now))
        var (directory, session) = opened([(first, client: 1, holds: true), (second, client: 2, holds: true)])
        directory.closed(first, at: now, instant)
        #expect(directory.expire(instant + .seconds(60)).isEmpty)
        #expect(directory.expire(instant + .seconds(60), all: true).isEmpty)
        directory.disconnected(2, at: now, instant)
        #expect(directory.expire(instant, all: true).map(\.id) == [session])
    }

    @Test func aSessionADeadAgentLeftWaitsForItsRecorders() {
        let (source, session) = (SourceID.make(at: now), SessionID.make(at: now))
        var directory = SessionDirectory()
        directory.expect(session, workspace: path("/w"), title: "", last: now, instant)
        #expect(directory.nearest(to: path("/w/x"))?.id == session, "a new one joins it")
        #expect(directory.expire(instant + .seconds(19)).isEmpty)
        directory.feed(source, in: session, by: 1, holds: true)
        #expect(directory.sessions[session]?.leftAt == nil, "it is back")
        #expect(directory.expire(instant + .seconds(60)).isEmpty)

        var other = SessionDirectory()
        other.expect(session, workspace: path("/w"), title: "", last: now, instant)
        #expect(other.expire(instant + .seconds(20)).first?.leftAt == now, "it ended with its last event")
    }

    @Test func anAlwaysRecordedSessionOutlivesItsTerminalsAndWaitsForTheNextEditor() {
        let (terminal, editor) = (SourceID.make(at: now), SourceID.make(at: now))
        var directory = SessionDirectory()
        let session = SessionID.make(at: now)
        directory.open(session, workspace: path("/w"), title: "", isAlwaysOn: true, at: now, instant)
        directory.feed(terminal, in: session, by: 1, holds: true)
        directory.feed(editor, in: session, by: 2, holds: false)
        directory.closed(terminal, at: now, instant)
        #expect(directory.expire(instant + .seconds(3600)).isEmpty)
        directory.closed(editor, at: now, instant)
        #expect(directory.expire(instant + .seconds(59)).isEmpty)
        #expect(directory.expire(instant + .seconds(60)).map(\.id) == [session])
    }
}
