import Foundation
import TestSupport
import Testing

/// The follower of `docs/examples`, written from `WIRE.md` and `events.proto` alone.
@Suite struct FollowExampleTests {
    private static let checkout = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func aFollowerInFortyLinesOfPythonPrintsASessionAsItHappens() async throws {
        let script = Self.checkout.appending(path: "docs/examples/follow.py")
        let lines = try String(contentsOf: script, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count - 1 <= 40)
        let bed = try await TeamBed(["alice", "bob", "eve"], follows: [("bob", "alice")])
        let alice = try bed.person("alice")
        let folder = Self.checkout.appending(path: ".build/follow-venv").path
        let made = try await alice.run([folder], program: Self.checkout.appending(path: "scripts/follow-venv.sh").path)
        #expect(made.status == 0, "\(made.error)")
        let python = URL(fileURLWithPath: made.output.trimmingCharacters(in: .newlines))
        let environment = alice.environment.merging(["PYTHONPATH": folder]) { $1 }
        func follow(_ login: String, _ name: String) throws -> RunningProgram {
            try RunningProgram(
                [script.path, bed.url(login), "alice"], environment: environment, directory: alice.workspace,
                output: alice.home.file(name), program: python)
        }
        let bob = try follow("f-bob", "bob.log")
        let eve = try follow("f-eve", "eve.log")
        try await eventually("bob follows: \(bob.said)") { bob.said.contains("following") }
        let rec = try await alice.run(
            ["rec", "--headless", "--broker", bed.url("alice")], input: "echo early\nsleep 1\necho late\n")
        #expect(rec.status == 0, "\(rec.error)")
        try await eventually("bob saw it to its end: \(bob.said)") { bob.said.contains("source_closed") }
        #expect(bob.said.contains("command_started") && bob.said.contains("late"))
        #expect(!bob.said.contains("missed"))
        try await eventually("eve is refused: \(eve.said)") { !eve.isRunning }
        #expect(eve.said.contains("ACCESS_REFUSED") && !eve.said.contains("late"))
    }
}
