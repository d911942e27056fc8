import EventSchema
import Testing

@testable import Capture

@Suite struct CommandTrackerTests {
    private let inner = ShellIdentity(host: "far", process: "9", name: "zsh", user: "bob")
    private let outer = ShellIdentity(host: "box", process: "1", name: "bash", user: "ada")

    private func tracker() -> CommandTracker {
        CommandTracker(terminal: 1, directory: Array("/w".utf8), host: "box", user: "ada")
    }

    private func own(_ kind: ShellMark.Kind) -> ShellMark { ShellMark(kind: kind, isOwn: true) }
    private func at(_ seconds: Int64) -> RecordTime { RecordTime(milliseconds: seconds * 1000) }

    @Test func aCommandInsideACommand() throws {
        var tracker = tracker()
        _ = tracker.take(own(.commandText(Array("ssh far".utf8))), at: at(0), offset: 0)
        _ = tracker.take(own(.commandStart(shell: outer)), at: at(0), offset: 5)
        _ = tracker.take(own(.commandText(Array("ls".utf8))), at: at(1), offset: 6)
        let started = tracker.take(own(.commandStart(shell: inner)), at: at(1), offset: 7)
        guard case .commandStarted(let event)? = started.first else {
            Issue.record("no start")
            return
        }
        #expect((event.command, event.host, event.user, event.shell) == (2, "far", "bob", "zsh"))
        // The inner shell went without an end; the outer one tells of its own.
        let ended = tracker.take(
            own(.commandEnd(status: 3, pipeStatus: [3], shell: outer)), at: at(4), offset: 9)
        let ends = ended.compactMap { if case .commandFinished(let event) = $0 { event } else { nil } }
        #expect(ends.map(\.command) == [2, 1])
        #expect(ends.map(\.hasStatus) == [false, true])
        #expect(ends.map(\.durationUs) == [3_000_000, 4_000_000])
        #expect(!tracker.isRunning)
    }

    @Test func textThatBeginsWithASpaceIsPrivate() {
        for kind in [ShellMark.Kind.commandText(Array(" a".utf8)), .historyText(Array(" a".utf8))] {
            var tracker = tracker()
            _ = tracker.take(own(kind), at: at(0), offset: 0)
            let events = tracker.take(own(.commandStart(shell: outer)), at: at(0), offset: 0)
            guard case .commandStarted(let event)? = events.first else { continue }
            #expect(event.private)
            #expect(event.text.isEmpty)
        }
    }

    @Test func foreignMarksCountUntilOwnOnesCome() {
        var tracker = tracker()
        let foreign = ShellMark(kind: .commandStart(shell: ShellIdentity()), isOwn: false)
        #expect(tracker.take(foreign, at: at(0), offset: 0).count == 1)
        _ = tracker.take(own(.promptStart), at: at(1), offset: 0)
        #expect(tracker.take(foreign, at: at(2), offset: 0).isEmpty)
    }

    @Test func whatStartsInAPauseIsNotTold() {
        var tracker = tracker()
        #expect(tracker.take(own(.commandStart(shell: outer)), at: at(0), offset: 0, recorded: false).isEmpty)
        let end = own(.commandEnd(status: 0, pipeStatus: [], shell: outer))
        #expect(tracker.take(end, at: at(1), offset: 0).isEmpty)
        #expect(tracker.lastCommand == 0)
    }

    @Test func theProgramsEndEndsAll() {
        var tracker = tracker()
        _ = tracker.take(own(.commandStart(shell: outer)), at: at(0), offset: 0)
        let events = tracker.finish(status: 3, at: at(1), offset: 2)
        guard case .commandFinished(let event)? = events.first else {
            Issue.record("no end")
            return
        }
        #expect(event.status == 3)
    }
}
