import EventSchema
import Testing

@testable import Agent

@Suite struct SessionDirectoryTests {
    private let now = RecordTime(milliseconds: 1_790_000_000_000)
    private func path(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func theNearestWorkspaceWins() {
        var directory = SessionDirectory()
        let outer = SessionID.make(at: now)
        let inner = SessionID.make(at: now)
        directory.open(outer, workspace: path("/home/a"), title: "", at: now)
        directory.open(inner, workspace: path("/home/a/shop"), title: "", at: now)
        #expect(directory.nearest(to: path("/home/a/shop/src/x.py"))?.id == inner)
        #expect(directory.nearest(to: path("/home/a/shop"))?.id == inner)
        #expect(directory.nearest(to: path("/home/a/shopping/x.py"))?.id == outer, "a name that begins alike is another")
        #expect(directory.nearest(to: path("/home/b")) == nil)
    }

    @Test func aSessionEndsWhenNobodyFeedsItForAWhile() {
        var directory = SessionDirectory()
        let session = SessionID.make(at: now)
        let source = SourceID.make(at: now)
        directory.open(session, workspace: path("/w"), title: "", at: now)
        directory.feed(source, in: session, by: 1)
        #expect(directory.expire(at: now + .seconds(3600)).isEmpty, "it is fed")
        directory.disconnected(1, at: now + .seconds(3600))
        #expect(directory.expire(at: now + .seconds(3605)).isEmpty, "its recorder may come back")
        directory.feed(source, in: session, by: 2)
        #expect(directory.expire(at: now + .seconds(4000)).isEmpty, "it did")
        directory.closed(source, at: now + .seconds(4000))
        #expect(directory.expire(at: now + .seconds(4000)).isEmpty)
        #expect(directory.expire(at: now + .seconds(4001) + .milliseconds(1)).map(\.id) == [session])
        #expect(directory.sessions.isEmpty)
    }

    @Test func anotherClientKeepsItOpen() {
        var directory = SessionDirectory()
        let session = SessionID.make(at: now)
        directory.open(session, workspace: path("/w"), title: "", at: now)
        directory.feed(.make(at: now), in: session, by: 1)
        directory.feed(.make(at: now), in: session, by: 2)
        directory.disconnected(1, at: now)
        #expect(directory.expire(at: now + .seconds(60)).isEmpty)
        #expect(directory.expire(at: now + .seconds(60), all: true).isEmpty)
        directory.disconnected(2, at: now)
        #expect(directory.expire(at: now, all: true).map(\.id) == [session])
    }
}
