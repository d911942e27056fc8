import AMQPBridge
import EventSchema
import Foundation
import TestSupport
import Testing

/// Who watches, as the one who is watched is told, with a broker and a team as people start them.
@Suite(.serialized) struct WatchingTests {
    @Test func oneIsToldWhoWatchesAndItIsRecorded() async throws {
        let host = try Playhead()
        let node = PrivateNode(directory: host.archiveHome.path + "/broker")
        defer { _ = try? node.end() }
        #expect(try await host.run(["team", "init"]).status == 0)
        #expect(try await host.run(["broker", "start"]).status == 0)
        var urls: [String: String] = [:]
        for name in ["alice", "bob", "carol"] {
            let added = try await host.run(["team", "add", name])
            urls[name] = added.output.split(separator: "\n").first.map {
                String($0.dropFirst("PLAYHEAD_BROKER=".count))
            }
        }
        for name in ["bob", "carol"] { #expect(try await host.run(["team", "grant", name, "alice"]).status == 0) }
        let (aliceURL, bobURL) = (try #require(urls["alice"]), try #require(urls["bob"]))
        let archiverURL = try #require(try await host.run(["broker", "url", "--as", "archiver"]).lines.first)
        func serve(_ log: String) throws -> RunningProgram {
            try RunningProgram(
                ["serve", "--json", "--broker", archiverURL], environment: host.environment, directory: host.workspace,
                output: host.home.file(log))
        }
        let archiver = try serve("serve1.log")
        let alice = try Playhead(["USER": "alice"])
        let bob = try Playhead(["USER": "bob"])
        func follow(_ url: String, _ log: String) throws -> RunningProgram {
            try RunningProgram(
                ["follow", "@alice", "--json", "--broker", url], environment: bob.environment,
                directory: bob.workspace, output: bob.home.file(log))
        }
        func isWatched(by names: [String], _ more: @autoclosure () -> String = "") async throws {
            let words = names.isEmpty ? nil : "\(names.count) watching: \(names.joined(separator: ", "))"
            var said = ""
            try await eventually("\(names) watch: \(said) \(archiver.said) \(more())") {
                said = try await alice.run(["status"]).output
                guard let words else { return !said.contains("watching") && said.contains("[rec]") }
                return said.contains(words)
            }
        }
        let first = try follow(bobURL, "first.log")
        let rec = try TypedRecording(alice, ["--broker", aliceURL])
        try rec.type("echo begun")
        try await isWatched(by: ["bob"], first.said)
        let second = try follow(try #require(urls["carol"]), "second.log")
        try await isWatched(by: ["bob", "carol"], second.said)
        #expect(second.terminate() == 130)
        try await isWatched(by: ["bob"])
        // Another archiver has not seen who came before it.
        archiver.kill9()
        let next = try serve("serve2.log")
        let third = try follow(try #require(urls["carol"]), "third.log")
        try await isWatched(by: ["bob", "carol"], next.said + third.said)
        #expect(third.terminate() == 130)
        #expect(first.terminate() == 130)
        try await isWatched(by: [], next.said)
        #expect(rec.finish() == 0)
        let events = try await alice.run(["cat", "last", "--json"]).lines.map { try JSONReader.read($0.utf8) }
        func viewers(_ kind: String) -> [String] {
            events.filter { $0["kind"]?.string == kind }.compactMap { $0["viewer"]?.string }
        }
        #expect(viewers("viewer_joined").starts(with: ["bob", "carol"]), "\(viewers("viewer_joined"))")
        #expect(Set(viewers("viewer_left")) == ["bob", "carol"], "\(viewers("viewer_left"))")
        #expect(next.terminate() == 0)
    }
}
