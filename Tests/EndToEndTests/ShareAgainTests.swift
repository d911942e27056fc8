import AMQPBridge
import Archive
import Delivery
import Foundation
import TestSupport
import Testing

/// Shared, taken back, shared again: what was recorded in between stays at home, also when the agent dies.
@Suite struct ShareAgainTests {
    private static let settle = "until $PLAYHEAD_BIN status | grep -q 'all archived'; do sleep 0.1; done\n"

    @Test(arguments: [false, true])
    func whatWasBetweenStaysAtHome(theAgentDies: Bool) async throws {
        let bed = try await TeamBed(["alice"])
        let serve = try bed.serve()
        let alice = try bed.person("alice", ["PLAYHEAD_BROKER": bed.url("alice"), "PLAYHEAD_AGENT_IDLE": "120"])
        let process = "$PLAYHEAD_BIN status --json | grep -o '\"process\":[0-9]*' | cut -d: -f2"
        let die = theAgentDies ? "kill -9 $(\(process))\n" : ""
        let script =
            "echo first-$((1+1))\n$PLAYHEAD_BIN share\necho second-$((1+1))\n\(Self.settle)\(die)"
            + "$PLAYHEAD_BIN unshare\necho third-$((1+1))\n\(die)sleep 0.3\n"
            + "$PLAYHEAD_BIN share\necho fourth-$((1+1))\n\(Self.settle)\(die)echo fifth-$((1+1))\n"
        let rec = try await alice.run(["rec", "--headless"], input: script)
        #expect(rec.status == 0, "\(rec.error)")
        try await bed.archived(alice)
        let bytes = try bed.allBytes()
        for word in ["second-2", "fourth-2", "fifth-2"] { #expect(bytes.contains(word), "\(word): \(serve.said)") }
        for word in ["first-2", "third-2"] { #expect(!bytes.contains(word), "\(word) left: \(serve.said)") }
        #expect(serve.terminate() == 0)
        let verify = try await bed.archiver.run(["verify", "--team"])
        #expect(verify.status == 0, "\(verify.output)")
        // The person has all of it.
        let own = try await alice.run(["cat", "last", "--json"])
        for word in ["first-2", "third-2", "fifth-2"] { #expect(own.output.contains(word)) }
        #expect(try await alice.run(["verify"]).status == 0)
    }

    /// With everything, the second time: what the team was told is lost stays so, and what it never heard of arrives.
    @Test func theSecondTimeWithHistory() async throws {
        let bed = try await TeamBed(["alice"])
        let serve = try bed.serve()
        let alice = try bed.person("alice", ["PLAYHEAD_BROKER": bed.url("alice")])
        let rec = try await alice.run(
            ["rec", "--headless"],
            input: "$PLAYHEAD_BIN share\necho one-$((1+1))\n\(Self.settle)$PLAYHEAD_BIN unshare\necho two-$((1+1))\n"
                + "$PLAYHEAD_BIN share --with-history\necho three-$((1+1))\n")
        #expect(rec.status == 0, "\(rec.error)")
        try await bed.archived(alice)
        let bytes = try bed.allBytes()
        for word in ["one-2", "two-2", "three-2"] { #expect(bytes.contains(word), "\(word): \(serve.said)") }
        #expect(try Verification(of: ArchiveReader(home: bed.teamHome)).findings.isEmpty)
    }
}
