import Archive
import EventSchema
import Foundation
import TestSupport
import Testing

/// Following a teammate with the built programs and a real broker.
@Suite struct FollowTests {
    @Test func aLateFollowerGetsEveryEventOnceFromTheStart() async throws {
        let bed = try await TeamBed(["alice", "bob"], follows: [("bob", "alice")])
        let serve = try bed.serve()
        let alice = try bed.person("alice")
        let bob = try bed.person("bob")
        let early = try bed.follow(bob, ["--json"], log: "early.log")
        try await eventually("bob follows \(early.said)") {
            try await bed.host.broker.ctl("list_bindings", "-p", bed.host.name, "-q", "routing_key").contains("alice.#")
        }
        let rec = try TypedRecording(alice, ["--broker", bed.url("alice")])
        try rec.type("echo first")
        try await eventually("the early follower sees it: \(early.said)") { early.said.contains("first") }
        let late = try bed.follow(bob, ["--json", "--from", "start"], log: "late.log")
        try await eventually("the late one too: \(late.said) \(serve.said)") { late.said.contains("first") }
        for number in 1...20 { try rec.type("echo number $((\(number) * 1001))") }
        #expect(rec.finish() == 0)
        try await eventually("both see the end") {
            early.said.contains("session_closed") && late.said.contains("session_closed")
        }
        try await bed.archived(alice)
        let own = try await alice.run(["cat", "last", "--json"])
        let wanted = try TeamBed.addresses(own.output).sorted()
        for log in [early, late] {
            let seen = try TeamBed.addresses(log.said)
            let (lacking, extra) = (Set(wanted).subtracting(seen), Set(seen).subtracting(wanted))
            #expect(seen.sorted() == wanted, "lacking \(lacking), not hers \(extra)")
        }
        #expect(early.terminate() == 130 && late.terminate() == 130)
    }

    @Test func textTellsCommandsAndTheirOutputAsTheyHappen() async throws {
        let bed = try await TeamBed(["alice", "bob", "eve"], follows: [("bob", "alice")])
        let serve = try bed.serve()
        let alice = try bed.person("alice")
        let bob = try bed.person("bob")
        let rec = try TypedRecording(alice, ["--broker", bed.url("alice")])
        try rec.type("echo before")
        let text = try bed.follow(bob)
        let eve = try await bob.run(["follow", "@alice", "--broker", bed.url("eve")])
        #expect(eve.status == 77 && eve.error.contains("playhead team grant"), "\(eve.status) \(eve.error)")
        try await eventually("bob is live \(text.said) \(serve.said)") {
            try rec.type("seq 41 43; false")
            return text.said.contains("$ seq 41 43; false\n41\n42\n43\nexit 1")
        }
        #expect(!text.said.contains("\u{1B}"))
        #expect(rec.finish() == 0)
    }

    @Test func onATerminalOneGoesBackAndComesBackToNow() async throws {
        let bed = try await TeamBed(["alice", "bob"], follows: [("bob", "alice")])
        let serve = try bed.serve()
        let alice = try bed.person("alice")
        let bob = try bed.person("bob")
        let rec = try TypedRecording(alice, ["-t", "parser", "--broker", bed.url("alice")])
        try rec.type("echo the very first")
        try await eventually("it is archived \(serve.said)") {
            try await bob.run(["cat", "@alice", "--broker", bed.url("bob")]).output.contains("very first")
        }
        let program = Playhead.programs.appendingPathComponent("playhead").path
        let screen = try await TmuxScreen(
            bob, "follow", [program, "follow", "@alice", "--broker", bed.url("bob")])
        try await screen.shows("● LIVE")
        try await screen.shows("the very first")
        for number in 1...40 { try rec.type("echo line \(number)") }
        try await screen.shows("line 40")
        try await screen.press("g")
        try await screen.shows("back to live")
        try await screen.shows("the very first")
        try rec.type("echo newest of all")
        try await screen.press("l")
        try await screen.shows("● LIVE")
        try await screen.shows("newest of all")
        #expect(rec.finish() == 0)
        try await screen.press("q")
    }

    @Test func filesAreMirroredAndNothingElseIsTouched() async throws {
        let bed = try await TeamBed(["alice", "bob"], follows: [("bob", "alice")])
        let serve = try bed.serve()
        let alice = try bed.person("alice")
        let bob = try bed.person("bob")
        let folder = bob.home.file("mirror")
        let theirs = folder.appendingPathComponent("alice/work")
        try FileManager.default.createDirectory(at: theirs, withIntermediateDirectories: true)
        try Data("bob's own\n".utf8).write(to: theirs.appendingPathComponent("taken.txt"))
        let rec = try TypedRecording(alice, ["--broker", bed.url("alice")])
        let mirror = try bed.follow(bob, ["--into", folder.path])
        try rec.type("echo recorded")
        try await eventually("alice is recorded \(mirror.said)") {
            try await alice.run(["cat", "last"]).output.contains("recorded")
        }
        // What a plug-in says.
        let work = alice.workspace.resolvingSymlinksInPath().path
        let lines = [
            #"{"ev":"hello","protocol":1,"editor":"test","version":"1"}"#,
            #"{"ev":"open","doc":1,"path":"\#(work)/a.txt","eol":true,"exists":false}"#,
            #"{"ev":"text","doc":1,"text":"one\n"}"#,
            #"{"ev":"open","doc":2,"path":"\#(work)/taken.txt","eol":true,"exists":false}"#,
            #"{"ev":"text","doc":2,"text":"hers\n"}"#,
            #"{"ev":"edit","doc":1,"off":4,"del":0,"text":"two\n","origin":"typed"}"#,
        ]
        let editor = try await alice.run(["editor"], input: lines.joined(separator: "\n") + "\n")
        #expect(editor.status == 0, "\(editor.error)")
        let own = try await alice.run(["cat", "last", "--json"]).output
        let copy = theirs.appendingPathComponent("a.txt")
        try await eventually("the file is there: \(mirror.said) \(serve.said) \(editor.error) \(own)") {
            (try? String(contentsOf: copy, encoding: .utf8)) == "one\ntwo\n"
        }
        #expect(try String(contentsOf: theirs.appendingPathComponent("taken.txt"), encoding: .utf8) == "bob's own\n")
        try await eventually("it is said: \(mirror.said)") { mirror.said.contains("left as it is") }
        #expect(rec.finish() == 0)
    }

    @Test func whatWasBeforeTheShareStaysUnseenAndNothingLeavesAfterIt() async throws {
        let bed = try await TeamBed(["alice", "bob"], follows: [("bob", "alice")])
        let serve = try bed.serve()
        let alice = try bed.person("alice", ["PLAYHEAD_BROKER": bed.url("alice")])
        let bob = try bed.person("bob")
        let follower = try bed.follow(bob, ["--json"])
        let rec = try TypedRecording(alice, [])
        try rec.type("echo secret-of-minute-one")
        try rec.type("$PLAYHEAD_BIN share && echo shared")
        try rec.type("echo minute-two")
        try await eventually("bob sees minute two: \(follower.said) \(serve.said)") {
            follower.said.contains("minute-two")
        }
        try rec.type("$PLAYHEAD_BIN unshare; echo minute-three")
        #expect(rec.finish() == 0)
        try await Task.sleep(for: .seconds(2))
        let all = try await bob.run(["cat", "@alice", "--json", "--broker", bed.url("bob")])
        for seen in [follower.said, all.output] {
            #expect(seen.contains("minute-two"))
            #expect(!seen.contains("secret-of-minute-one"))
            #expect(!seen.contains("minute-three\\n") && !seen.contains("minute-three\r"))
        }
    }

    @Test func withoutAnArchiveThePublisherTellsItsState() async throws {
        let bed = try await TeamBed(["alice", "bob"], follows: [("bob", "alice")])
        let alice = try bed.person("alice")
        let bob = try bed.person("bob")
        let rec = try TypedRecording(alice, ["--broker", bed.url("alice")])
        try rec.type("echo early words")
        try await Task.sleep(for: .seconds(2))
        let program = Playhead.programs.appendingPathComponent("playhead").path
        let screen = try await TmuxScreen(bob, "follow", [program, "follow", "@alice", "--broker", bed.url("bob")])
        try await screen.shows("early words")
        try await screen.shows("no archive answers")
        try rec.type("echo later words")
        try await screen.shows("later words")
        #expect(rec.finish() == 0)
    }
}
