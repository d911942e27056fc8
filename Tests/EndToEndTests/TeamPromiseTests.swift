import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation
import TestSupport
import Testing

/// What sharing promises: the team gets what a recording alone would hold, the broker is used as described, and nothing
/// leaves that nobody shared.
@Suite struct TeamPromiseTests {
    private static let line = "echo hello; seq 1 300; printf 'a\\tb\\033[1mbold\\033[0m\\n'; (exit 3)"

    /// What of a recording does not depend on when and where it was made.
    private struct Essence: Equatable {
        var commands: [String] = []
        var statuses: [JSONValue] = []
        var output: [UInt8] = []
        var sources: [String] = []

        init(_ lines: [String]) throws {
            for line in lines {
                let event = try JSONReader.read(line.utf8)
                switch event["kind"]?.string {
                case "command_started": commands.append(event["text"]?.string ?? "")
                case "command_finished": statuses.append(event["status"] ?? 0)
                case "terminal_exited": statuses.append(event["status"] ?? 0)
                case "terminal_output":
                    if let text = event["data"]?.string { output += Array(text.utf8) }
                    output += event["data"]?["b64"]?.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) } ?? []
                case "source_opened": sources.append(event["source_kind"]?.string ?? "")
                default: break
                }
            }
            sources.sort()
        }
    }

    @Test func theTeamHasWhatARecordingAloneHolds() async throws {
        let bed = try await TeamBed(["alice", "bob"], follows: [("bob", "alice")])
        let serve = try bed.serve()
        let (alone, alice, bob) = (try bed.person("carol"), try bed.person("alice"), try bed.person("bob"))
        #expect(try await alone.run(["rec", "--headless", "-c", Self.line]).status == 0)
        let rec = try await alice.run(["rec", "--headless", "--broker", bed.url("alice"), "-c", Self.line])
        #expect(rec.status == 0, "\(rec.error)")
        try await bed.archived(alice)
        #expect(try bed.holdsTheSame(as: alice), "\(serve.said)")
        let solo = try Essence(try await alone.run(["cat", "last", "--json"]).lines)
        let team = try Essence(try await bob.run(["cat", "@alice", "--json", "--broker", bed.url("bob")]).lines)
        #expect(solo == team)
        let text = String(decoding: solo.output, as: UTF8.self)
        #expect(text.contains("hello") && text.contains("300") && text.contains("\u{1B}[1mbold"), "\(text)")
        #expect(solo.commands == [Self.line] && solo.statuses.contains(3), "\(solo)")
        #expect(rec.error.contains("live amqp://127.0.0.1") && !rec.error.contains("Kept here"), "\(rec.error)")
    }

    @Test func theBrokerShowsWhatIsPromised() async throws {
        let bed = try await TeamBed(["alice"])
        let alice = try bed.person("alice", ["PLAYHEAD_AGENT_IDLE": "120"])
        #expect(try await alice.run(["rec", "--headless", "--broker", bed.url("alice"), "-c", Self.line]).status == 0)
        let (broker, host) = (bed.host.broker, bed.host.name)
        let exchanges = try await broker.ctl(
            "list_exchanges", "-p", host, "-q", "--no-table-headers", "name", "type", "durable")
        for name in [BrokerNames.events, BrokerNames.live, BrokerNames.control] {
            #expect(exchanges.contains("\(name)\ttopic\ttrue"), "\(exchanges)")
        }
        let queues = try await broker.ctl(
            "list_queues", "-p", host, "-q", "--no-table-headers", "name", "type", "durable", "arguments")
        let queue = try #require(queues.split(separator: "\n").first { $0.hasPrefix("playhead.archive\tquorum\ttrue") })
        #expect(queue.contains(#"{"x-single-active-consumer",true}"#), "\(queue)")
        let bindings = try await broker.ctl(
            "list_bindings", "-p", host, "-q", "--no-table-headers", "source_name", "destination_name", "routing_key")
        #expect(bindings.contains("playhead.events\tplayhead.archive\t#"), "\(bindings)")
        // Events with confirms, live without, on connections of their own.
        let channels = try await broker.ctl(
            "list_channels", "-q", "--no-table-headers", "vhost", "user", "confirm", "connection")
        let own = channels.split(separator: "\n").filter { $0.hasPrefix("\(host)\talice\t") }
        #expect(own.filter { $0.contains("\talice\ttrue\t") }.count == 1, "\(channels)")
        #expect(own.filter { $0.contains("\talice\tfalse\t") }.count == 1, "\(channels)")
        // What waits for the archive is persistent, and says whose it is.
        let reader = try await AMQPConnection.open(AMQPOptions(url: bed.host.url))
        var seen = 0
        for try await delivery in try await reader.consume(
            AMQPConsumer(queue: BrokerNames.archiveQueue, tag: "look", prefetch: 100))
        {
            #expect(delivery.message.properties.isPersistent)
            #expect(delivery.message.properties.userID == "alice")
            #expect(delivery.message.routingKey.hasPrefix("alice."))
            seen += 1
            if seen == 3 { break }
        }
        await reader.close()
        // The queue has one consumer at work, and the next one waits.
        let first = try bed.serve()
        try await bed.archived(alice)
        let consumers = try await broker.ctl(
            "list_consumers", "-p", host, "-q", "--no-table-headers", "queue_name", "active", "ack_required")
        #expect(consumers.contains("playhead.archive\ttrue\ttrue"), "\(consumers)")
        #expect(first.terminate() == 0)
    }

    /// Not a message and not a connection, from the start of the recording to the agent's end.
    @Test func aBrokerThatIsOnlyConfiguredHearsNothing() async throws {
        let bed = try await TeamBed(["alice"])
        let proxy = try FaultProxy(to: bed.host.url.port)
        let url = bed.url("alice").replacing(":\(bed.host.url.port)/", with: ":\(proxy.port)/")
        let alice = try bed.person("alice", ["PLAYHEAD_BROKER": url])
        let rec = try await alice.run(["rec", "--headless", "-c", Self.line])
        #expect(rec.status == 0 && rec.error.contains("local only"), "\(rec.error)")
        #expect(try await alice.run(["status", "--json"]).output.contains(#""relays":[]"#))
        #expect(try await alice.run(["agent", "--stop"]).status == 0)
        #expect(proxy.accepted == 0, "not one connection")
        let messages = try await bed.host.broker.ctl(
            "list_queues", "-p", bed.host.name, "-q", "--no-table-headers", "name", "messages")
        #expect(messages.contains("playhead.archive\t0"), "\(messages)")
        // The same way counts what is shared.
        let shared = try await alice.run(["rec", "--new", "--headless", "--broker", url, "-c", Self.line])
        #expect(shared.status == 0, "\(shared.error)")
        #expect(proxy.accepted >= 3)
        proxy.end()
    }
}
