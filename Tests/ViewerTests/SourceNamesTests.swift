import EventSchema
import Replay
import Testing
import Viewer

@Suite struct SourceNamesTests {
    private let alices = SourceID.make(at: SampleSession.start)
    private let others = SourceID.make(at: SampleSession.start)

    private func names(_ user: String, at workspace: String) -> SourceNames {
        let start = SampleSession.start
        let sessions = [("alice", "/home/alice/shop"), (user, workspace)].map {
            SessionInfo(id: .make(at: start), workspace: Array($0.1.utf8), user: $0.0, started: start)
        }
        let sources = zip([alices, others], sessions).map { SourceInfo(id: $0, session: $1.id, kind: .terminal) }
        return SourceNames(of: Recording(sessions: sessions, sources: sources, events: []))
    }

    @Test func onePersonIsNotNamed() {
        let names = names("alice", at: "/home/alice/shop")
        #expect(names.path("/home/alice/shop/src/a.py".utf8, of: alices) == "src/a.py")
        #expect(names.directory("/home/alice/shop/src".utf8, of: others) == "shop/src")
        #expect(names.person(of: alices).isEmpty)
    }

    @Test func severalWorkspacesOfOnePersonAreTold() {
        let names = names("alice", at: "/home/alice/lib")
        #expect(names.path("/home/alice/lib/src/a.py".utf8, of: others) == "lib/src/a.py")
    }

    @Test func severalPeopleAreNamed() {
        let names = names("bob", at: "/home/bob/shop")
        #expect(names.path("/home/alice/shop/src/a.py".utf8, of: alices) == "@alice shop/src/a.py")
        #expect(names.path("/etc/hosts".utf8, of: others) == "@bob /etc/hosts")
        #expect(names.place("/etc/hosts".utf8, of: others) == "/etc/hosts")
        #expect(names.directory("/home/bob/shop".utf8, of: others) == "@bob shop")
    }

    @Test func aNameFromOutsideHoldsNoEscapes() {
        let names = names("b\u{1B}]2;x\u{7}", at: "/home/bob/shop")
        #expect(!names.path("/etc/hosts".utf8, of: others).contains("\u{1B}"))
    }
}
