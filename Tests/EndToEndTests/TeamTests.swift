import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation
import TestSupport
import Testing

/// The line from a recording through RabbitMQ into a team's archive, with the built programs and a real broker.
@Suite struct TeamEndToEndTests {
    private static let script = "echo hello\nfalse\nseq 1 300\nmkdir -p sub && cd sub\nexit 3\n"

    private func record(_ person: Playhead, _ url: String?, _ script: String = script) async throws {
        let broker = url.map { ["--broker", $0] } ?? []
        let rec = try await person.run(["rec", "--headless", "-t", "shared"] + broker, input: script)
        #expect(rec.status == 0, "\(rec.error)")
        #expect(rec.error.contains(url == nil ? "local only" : "live amqp://127.0.0.1"))
    }

    @Test func aSharedSessionIsInTheTeamsArchiveAsItWasRecorded() async throws {
        let bed = try await TeamBed(["alice", "bob"], follows: [("bob", "alice")])
        let serve = try bed.serve()
        let alice = try bed.person("alice")
        try await record(alice, bed.url("alice"))
        try await bed.archived(alice)
        #expect(try bed.holdsTheSame(as: alice))
        #expect(try Verification(of: ArchiveReader(home: bed.teamHome)).findings.isEmpty)
        // A colleague who has nothing but the URL and a login reads the same.
        let bob = try bed.person("bob")
        let ls = try await bob.run(["ls", "--json", "--broker", bed.url("bob")])
        #expect(ls.status == 0 && ls.lines.count == 1, "\(ls.error) \(serve.said)")
        #expect(ls.output.contains(#""user":"alice""#) && ls.output.contains(#""title":"shared""#))
        let own = try await alice.run(["cat", "last", "--json"])
        let theirs = try await bob.run(["cat", "@alice", "--json", "--broker", bed.url("bob")])
        #expect(theirs.output == own.output, "\(theirs.error)")
        let play = try await bob.run(["play", "@alice", "--plain", "-s", "16", "--broker", bed.url("bob")])
        #expect(play.output.contains("hello"), "\(play.error)")
        #expect(serve.terminate() == 0)
    }

    @Test func nobodySeesWhatWasNotGranted() async throws {
        let bed = try await TeamBed(["alice", "bob"])
        let serve = try bed.serve()
        let alice = try bed.person("alice")
        try await record(alice, bed.url("alice"))
        try await bed.archived(alice)
        let bob = try bed.person("bob")
        let ls = try await bob.run(["ls", "--json", "--broker", bed.url("bob")])
        #expect(ls.status == 0 && ls.output.isEmpty, "\(ls.error) \(serve.said)")
    }

    @Test func withABrokerConfiguredAPlainRecordingSendsNothing() async throws {
        let bed = try await TeamBed(["alice"])
        let alice = try bed.person("alice", ["PLAYHEAD_BROKER": bed.url("alice")])
        try await record(alice, nil)
        try await Task.sleep(for: .seconds(2))
        let counted = try await bed.host.broker.ctl(
            "list_queues", "-p", bed.host.name, "--no-table-headers", "-q", "name", "messages")
        #expect(counted.contains("playhead.archive\t0"), "\(counted)")
        let connections = try await bed.host.broker.ctl("list_connections", "-q", "--no-table-headers", "vhost")
        #expect(!connections.contains(bed.host.name), "not even a connection")
    }

    @Test func anArchiverThatWasAwayGetsEverything() async throws {
        let bed = try await TeamBed(["alice"])
        let alice = try bed.person("alice")
        try await record(alice, bed.url("alice"))
        try await eventually("the agent says what waits") {
            let status = try await alice.run(["status"])
            return status.output.contains("not archived yet, no archiver answers")
                || status.output.contains("no archiver answers")
        }
        let serve = try bed.serve()
        try await bed.archived(alice)
        #expect(try bed.holdsTheSame(as: alice), "\(serve.said)")
    }

    @Test func aRestoredArchiveAndALostQueueFillUpAgain() async throws {
        let bed = try await TeamBed(["alice"])
        var serve = try bed.serve()
        let alice = try bed.person("alice", ["PLAYHEAD_AGENT_IDLE": "120"])
        try await record(alice, bed.url("alice"))
        try await bed.archived(alice)
        _ = serve.terminate()
        let backup = bed.archiver.home.file("backup.db")
        try FileManager.default.copyItem(at: bed.teamHome.archive, to: backup)
        serve = try bed.serve("second")
        try await record(alice, bed.url("alice"))
        try await bed.archived(alice)
        // The person's archive is sealed before the team's is put back.
        #expect(try await alice.run(["seal"]).status == 0)
        _ = serve.terminate()
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: bed.teamHome.archive.path + suffix)
        }
        try FileManager.default.removeItem(at: bed.teamHome.archive)
        try FileManager.default.copyItem(at: backup, to: bed.teamHome.archive)
        serve = try bed.serve("third")
        try await bed.archived(alice)
        #expect(try bed.holdsTheSame(as: alice), "\(serve.said)")
        // And from nothing at all.
        _ = serve.terminate()
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: bed.teamHome.archive.path + suffix)
        }
        serve = try bed.serve("fourth")
        try await bed.archived(alice)
        #expect(try bed.holdsTheSame(as: alice), "\(serve.said)")
        #expect(try Verification(of: ArchiveReader(home: bed.teamHome)).findings.isEmpty)
    }

    @Test func whatWasRecordedBeforeSharingStaysAtHome() async throws {
        let settle = "until $PLAYHEAD_BIN status | grep -q 'all archived'; do sleep 0.2; done\n"
        let bed = try await TeamBed(["alice"])
        let serve = try bed.serve()
        let alice = try bed.person("alice", ["PLAYHEAD_BROKER": bed.url("alice")])
        try await record(
            alice, nil,
            "echo before\n$PLAYHEAD_BIN share\necho after\n" + settle + "$PLAYHEAD_BIN unshare\necho at-last\n")
        try await eventually("something is archived") {
            (try? ArchiveReader(home: bed.teamHome).sources().contains { $0.head.seq > 0 && $0.kind == .terminal })
                ?? false
        }
        try await Task.sleep(for: .seconds(2))
        let bytes = try bed.allBytes()
        #expect(!bytes.contains("before") && !bytes.contains("at-last"), "\(serve.said)")
        #expect(bytes.contains("after"))
    }

    @Test func whatIsNoMessageIsPutAsideAndNothingStops() async throws {
        let bed = try await TeamBed(["alice", "mallory"])
        let serve = try bed.serve()
        let connection = try await AMQPConnection.open(AMQPOptions(url: AMQPURL(bed.url("mallory"))))
        var random = RandomValues(seed: .random(in: 0...UInt64.max))
        let session = SessionID(random.identifier())
        for round in 0..<60 {
            let source = SourceID(random.identifier())
            var message = AMQPMessage(
                exchange: BrokerNames.events, routingKey: "mallory.\(session).editor.\(source)",
                properties: AMQPProperties(
                    headers: ["v": 1, "seq": 1, "hash": "x"], persistent: true, type: "batch", userID: "mallory"),
                body: Array(random.bytes(200)))
            switch round % 6 {
            case 0: message.properties.userID = nil
            case 1: message.properties.headers["CC"] = .array([.string("alice.x.editor.y")])
            case 2: message.properties.headers["v"] = 7
            case 3: message.routingKey = "mallory.\(session)"
            case 4 where round == 4: message.body = Array(repeating: 7, count: WireMessage.largest + 1)
            default: break
            }
            let result = await connection.publish(message, mandatory: true)
            #expect(result == .confirmed)
        }
        let forged = AMQPMessage(
            exchange: BrokerNames.events, routingKey: "alice.\(session).editor.\(session)", body: [1])
        #expect(await connection.publish(forged, mandatory: true) != .confirmed)
        let alice = try bed.person("alice")
        try await record(alice, bed.url("alice"))
        try await bed.archived(alice)
        #expect(try bed.holdsTheSame(as: alice))
        try await eventually("all of it is counted: \(serve.said)") { serve.said.contains(#""quarantined":60"#) }
        #expect(try Verification(of: ArchiveReader(home: bed.teamHome)).findings.isEmpty)
        #expect(serve.terminate() == 0)
    }

    @Test func aSecondArchiverStandsByAndTakesOver() async throws {
        let bed = try await TeamBed(["alice"])
        let first = try bed.serve()
        let alice = try bed.person("alice")
        try await record(alice, bed.url("alice"))
        try await bed.archived(alice)
        let second = try bed.serve("second")
        try await eventually("the second says what it does: \(second.said)") { second.said.contains("stands by") }
        first.kill9()
        try await record(alice, bed.url("alice"))
        try await bed.archived(alice)
        #expect(try bed.holdsTheSame(as: alice), "\(second.said)")
        let verify = try await bed.archiver.run(["verify", "--team"])
        #expect(verify.status == 0, "\(verify.error)")
    }

    @Test func anOldSessionIsHandedOver() async throws {
        let bed = try await TeamBed(["alice"])
        let serve = try bed.serve()
        let alice = try bed.person("alice")
        try await record(alice, nil)
        let published = try await alice.run(["publish", "last", "--broker", bed.url("alice")])
        #expect(published.status == 0, "\(published.error)")
        try await bed.archived(alice)
        #expect(try bed.holdsTheSame(as: alice), "\(serve.said)")
    }
}

extension TeamBed {
    /// The text of every event in the team's archive.
    func allBytes() throws -> String {
        let reader = try ArchiveReader(home: teamHome)
        return try reader.sources().flatMap { try reader.events(of: $0.id) }.map { "\($0.event)" }.joined()
    }
}
