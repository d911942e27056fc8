import AMQPBridge
import EventSchema
import Foundation
import TestSupport
import Testing

/// `broker` and `team` as a person types them.
@Suite(.serialized) struct BrokerTests {
    @Test func startsTellsAndStops() async throws {
        let playhead = try Playhead()
        let node = PrivateNode(directory: playhead.archiveHome.path + "/broker")
        defer { _ = try? node.end() }
        #expect(try await playhead.run(["broker", "status"]).status == 69)
        #expect(try await playhead.run(["broker", "url"]).status == 66)
        #expect(try await playhead.run(["broker", "stop"]).status == 0)

        let start = try await playhead.run(["broker", "start", "--json"])
        #expect(start.status == 0, "\(start.error)")
        let state = try JSONReader.read(start.output.utf8)
        #expect(state["state"]?.string == "running")
        #expect(state["started"]?.bool == true)
        let again = try JSONReader.read(try await playhead.run(["broker", "start", "--json"]).output.utf8)
        #expect(again["started"]?.bool == false)
        #expect(again["process"] == state["process"])

        let url = try AMQPURL(try #require(try await playhead.run(["broker", "url"]).lines.first))
        #expect(url.user == "tester")
        #expect(url.password?.isEmpty == false)
        #expect(url.virtualHost == "playhead")
        #expect(url.port == UInt16(exactly: state["port"]?.integer ?? 0))
        #expect(try await playhead.run(["broker", "url", "--as", "archiver"]).output.hasPrefix("amqp://archiver:"))
        #expect(try await playhead.run(["broker", "url", "--as", "nobody"]).status == 66)

        #expect(try await playhead.run(["broker", "stop"]).status == 0)
        #expect(try await playhead.run(["broker", "status"]).status == 69)
        #expect(try await AMQPURL(playhead.run(["broker", "url"]).lines.first ?? "") == url, "it stays the same")
    }

    @Test func aTeamIsKeptAndTold() async throws {
        let playhead = try Playhead()
        let node = PrivateNode(directory: playhead.archiveHome.path + "/broker")
        defer { _ = try? node.end() }
        #expect(try await playhead.run(["team", "add", "alice"]).status == 66)
        #expect(try await playhead.run(["team", "init"]).status == 0)
        #expect(try await playhead.run(["broker", "start"]).status == 0)
        for name in ["alice", "bob"] {
            let added = try await playhead.run(["team", "add", name])
            #expect(added.output.hasPrefix("PLAYHEAD_BROKER=amqp://\(name):"), "\(added.error)")
        }
        #expect(try await playhead.run(["team", "add", "alice"]).status == 77)
        #expect(try await playhead.run(["team", "add", "f-x"]).status == 64)
        #expect(try await playhead.run(["team", "grant", "bob", "zoe"]).status == 66)
        #expect(try await playhead.run(["team", "grant", "bob", "alice", "--json"]).status == 0)
        let topics = try await onThread { try node.control(["list_topic_permissions", "-p", "playhead"]) }
        #expect(topics.contains("^(bob|alice)("), "\(topics)")
        #expect(try await playhead.run(["team", "revoke", "bob", "alice"]).status == 0)
        #expect(try await playhead.run(["team", "revoke", "bob", "alice"]).status == 66)
        #expect(try await playhead.run(["team", "remove", "bob"]).status == 0)
        let users = try await onThread { try node.control(["list_users"]) }
        #expect(users.contains("f-alice") && !users.contains("bob"), "\(users)")
        #expect(try await playhead.run(["team", "list"]).lines == ["alice", "tester"])

        // Taken out while the broker is away, and its data kept.
        #expect(try await playhead.run(["broker", "stop"]).status == 0)
        #expect(try await playhead.run(["team", "remove", "alice"]).status == 0)
        #expect(try await playhead.run(["broker", "start"]).status == 0)
        let left = try await onThread { try node.control(["list_users"]) }
        #expect(!left.contains("alice") && left.contains("f-tester"), "\(left)")
    }

    @Test func worksForAnAccountWithoutRights() async throws {
        let playhead = try Playhead()
        let directory = "/tmp/playhead-nobody-\(UUID().uuidString.prefix(8))"
        defer {
            _ = try? PrivateNode(directory: directory + "/home/broker").end()
            try? FileManager.default.removeItem(atPath: directory)
        }
        // As root it becomes another account; else it is one already.
        let change = getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : ""
        let owner = getuid() == 0 ? "chown 65534:65534 \(directory)" : ":"
        let line = """
            set -e
            mkdir -m 700 \(directory); \(owner)
            cd \(directory)
            export PLAYHEAD_HOME=\(directory)/home HOME=\(directory)
            \(change) playhead broker start
            \(change) playhead broker url
            \(change) playhead broker stop
            """
        let outcome = try await playhead.shell(line)
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output.hasPrefix("amqp://tester:"))
    }
}
