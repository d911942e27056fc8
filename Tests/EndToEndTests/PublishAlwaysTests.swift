import AMQPBridge
import Archive
import Delivery
import Foundation
import TestSupport
import Testing

/// `publish = "always"` counts where the person said it, and nowhere else.
@Suite struct PublishAlwaysTests {
    private let bed: TeamBed
    private let alice: Playhead
    private let proxy: FaultProxy
    private let url: String

    init() async throws {
        bed = try await TeamBed(["alice"])
        proxy = try FaultProxy(to: bed.host.url.port)
        url = bed.url("alice").replacing(":\(bed.host.url.port)/", with: ":\(proxy.port)/")
        let home = try TemporaryHome()
        alice = try bed.person("alice", ["XDG_CONFIG_HOME": home.path + "/own", "XDG_CONFIG_DIRS": home.path + "/all"])
        folder = home
    }

    private let folder: TemporaryHome

    private func write(_ text: String, own: Bool = true) throws {
        try write(text, folder.file(own ? "own/playhead/config.toml" : "all/playhead/config.toml"))
    }

    private func write(_ text: String, _ file: URL) throws {
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    private func writeWorkspace(_ text: String) throws {
        try write(text, alice.workspace.appendingPathComponent(".playhead.toml"))
    }

    private func record(_ more: [String: String] = [:]) async throws -> Playhead.Outcome {
        let rec = try await alice.run(["rec", "--headless", "-c", "echo hello"], environment: more)
        #expect(rec.status == 0, "\(rec.error)")
        return rec
    }

    /// Recorded, and not one connection was made.
    private func staysHere(_ words: String..., environment: [String: String] = [:]) async throws {
        let rec = try await record(environment)
        #expect(rec.error.contains("local only"), "\(rec.error)")
        for word in words { #expect(rec.error.contains(word), "\(word): \(rec.error)") }
        if words.isEmpty { #expect(!rec.error.contains("ignored"), "\(rec.error)") }
        #expect(proxy.accepted == 0)
    }

    @Test func thePersonsOwnFileSendsToTheTeamsArchive() async throws {
        try write("publish = \"always\"\nbroker = \"\(url)\"\n")
        let serve = try bed.serve()
        let rec = try await record()
        #expect(rec.error.contains("team amqp://127.0.0.1:\(proxy.port)"), "\(rec.error)")
        try await bed.archived(alice)
        #expect(try bed.holdsTheSame(as: alice), "\(serve.said)")
        #expect(serve.terminate() == 0)
    }

    /// A session that began here is not widened by whoever joins it.
    @Test func whoJoinsASessionKeepsItWhereItIs() async throws {
        let first = try RunningProgram(
            ["rec", "--headless", "-c", "until [ -e over ]; do sleep 0.1; done"], environment: alice.environment,
            directory: alice.workspace, output: alice.home.file("first.log"))
        try await eventually("it records: \(first.said)") { first.said.contains("local only") }
        try write("publish = \"always\"\nbroker = \"\(url)\"\n")
        let second = try await record()
        #expect(second.error.contains("joined") && second.error.contains("local only"), "\(second.error)")
        try Data().write(to: alice.workspace.appendingPathComponent("over"))
        #expect(try await first.exitStatus() == 0)
        #expect(proxy.accepted == 0)
    }

    @Test func theEnvironmentSaysWhereToo() async throws {
        try write("publish = \"always\"\nbroker = \"amqp://alice:x@127.0.0.1:1/elsewhere\"\n")
        let rec = try await record(["PLAYHEAD_BROKER": url])
        #expect(rec.error.contains("team amqp://127.0.0.1:\(proxy.port)"), "\(rec.error)")
        #expect(proxy.accepted > 0)
    }

    @Test func aWorkspaceSendsNothing() async throws {
        try writeWorkspace("publish = \"always\"\nbroker = \"\(url)\"\n")
        try await staysHere("'publish' can be \"never\" only", "'broker' does not count")
        try await staysHere("ignored", environment: ["PLAYHEAD_BROKER": url])
    }

    @Test func aWorkspaceKeepsItsSessionsHere() async throws {
        try write("publish = \"always\"\nbroker = \"\(url)\"\n")
        try writeWorkspace("publish = \"never\"\n")
        try await staysHere()
        try writeWorkspace("publish = never\n")
        try await staysHere(".playhead.toml, line 1", "nothing is sent because of it")
    }

    @Test func theMachineSaysWhereAndNeverThat() async throws {
        try write("publish = \"always\"\nbroker = \"\(url)\"\n", own: false)
        try await staysHere("'publish' counts only in")
        let shared = try await alice.run(["publish", "last"])
        #expect(shared.status == 0 && shared.error.contains("team amqp://127.0.0.1:\(proxy.port)"), "\(shared.error)")
    }

    @Test(arguments: [
        ("publish = \"always\"\n", "no broker is known"),
        ("publish = \"always\"\nbroker = \"http://x\"\n", "broker's URL"),
        ("publish = \"always\"\nbroker = \"amqp://127.0.0.1\"\n", "names no login"), ("publish = true\n", "neither"),
        ("publish = always\n", "line 1"), ("x = [", "line 1"),
    ])
    func aMistakeKeepsItHere(text: String, words: String) async throws {
        try write(text)
        try await staysHere(words)
    }
}
