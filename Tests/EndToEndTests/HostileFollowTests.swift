import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation
import TestSupport
import Testing

/// Somebody with a valid login does harm to those who follow, or through following.
@Suite struct HostileFollowTests {
    /// A source of mallory's, batch by batch.
    private struct Source {
        let id: SourceID
        let session: SessionID
        private var head = SourceHead(seq: 0, hash: nil)

        init(_ id: SourceID? = nil, session: SessionID? = nil) {
            let now = RecordTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
            self.id = id ?? SourceID.make(at: now)
            self.session = session ?? SessionID.make(at: now)
        }

        mutating func batch(_ bodies: [Event.OneOf_Body]) -> CheckedBatch {
            let now = RecordTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
            let batch = BatchCodec.encode(
                source: id, session: session, seq: head.seq + 1, previous: head.hash,
                events: bodies.map { (now, Event($0)) })
            head = SourceHead(seq: batch.seq, hash: batch.hash)
            return batch
        }
    }

    private static func message(_ batch: CheckedBatch, to exchange: String, kind: SourceKind = .editor) -> AMQPMessage {
        var message = WireMessage(user: "mallory", kind: kind, content: .batch(batch)).published()
        message.exchange = exchange
        return message
    }

    private static func send(_ message: AMQPMessage, _ connection: AMQPConnection) async throws {
        let result = await connection.publish(message, mandatory: true)
        try #require(result == .confirmed, "\(message.routingKey) on \(message.exchange)")
    }

    /// Opened files at places that are nobody's business, and text that a terminal would obey.
    private static func traps() -> [Event.OneOf_Body] {
        var session = SessionOpened()
        (session.user, session.title) = ("mallory", "\u{1B}]0;owned\u{7}\u{1B}[2J title")
        session.workspace = Data("/desk/..".utf8)
        var opened = SourceOpened()
        (opened.user, opened.kind, opened.program) = ("mallory", .editor, "\u{1B}[31meditor\u{9B}2J")
        let paths = [
            "/desk/../../escaped", "../escaped", "/escaped", "/desk/../a/../../../escaped", "/desk/..",
            "/desk/./../escaped", "escaped/../../escaped",
            "/desk/../\u{1B}]52;c;ZXNjYXBlZA==\u{7}name",
            "/desk/../.playhead-mirror",
        ]
        return [.sessionOpened(session), .sourceOpened(opened)]
            + paths.enumerated().map { number, path in
                var document = DocumentOpened()
                (document.document, document.path) = (UInt32(number + 1), Data(path.utf8))
                document.text.inline = Data("\u{1B}c\u{1B}[6ntrapped \(number)\n".utf8)
                return .documentOpened(document)
            }
    }

    @Test func whatAPublisherForgesHarmsNoFollower() async throws {
        let bed = try await TeamBed(["alice", "mallory", "bob"], follows: [("bob", "alice"), ("bob", "mallory")])
        let serve = try bed.serve()
        let (alice, bob) = (try bed.person("alice"), try bed.person("bob"))
        let folder = bob.home.file("mirror")
        let (both, mallory) = (["@alice", "@mallory"], ["@mallory"])
        let json = try bed.follow(bob, ["--json"], whom: both, log: "json.log")
        let text = try bed.follow(bob, whom: mallory, log: "text.log")
        let mirror = try bed.follow(bob, ["--into", folder.path], whom: both, log: "mirror.log")
        try await bed.isFollowed("mallory", count: 3)
        let connection = try await AMQPConnection.open(AMQPOptions(url: try AMQPURL(bed.url("mallory"))))
        let rec = try TypedRecording(alice, ["--broker", bed.url("alice")])
        try rec.type("echo honest")
        try await eventually("alice is seen: \(json.said)") { json.said.contains("honest") }

        let seed = UInt64.random(in: 0...UInt64.max)
        var random = RandomValues(seed: seed)
        for way in HostileMessageTests.ways {
            var message = Self.message(RandomChain.one(random.bytes(8)), to: BrokerNames.live)
            way.spoil(&message, &random)
            try await Self.send(message, connection)
            // A state that is none.
            message = Self.message(RandomChain.one(random.bytes(8)), to: BrokerNames.live)
            (message.properties.type, message.body) = (PublishedKeyframe.type, Array(random.bytes(500)))
            try await Self.send(message, connection)
        }
        // Alice's own source, under mallory's key: what she says of it, and its state.
        let hers = try #require(
            try ArchiveReader(home: ArchiveHome(alice.archiveHome)).sources().first { $0.kind == .terminal })
        var taken = Source(hers.id, session: hers.session)
        for _ in 0..<3 {
            let batch = taken.batch(Self.traps())
            try await Self.send(Self.message(batch, to: BrokerNames.live), connection)
            try await Self.send(Self.message(batch, to: BrokerNames.events), connection)
        }
        var trap = Source()
        let batch = trap.batch(Self.traps())
        for exchange in [BrokerNames.live, BrokerNames.events] {
            try await Self.send(Self.message(batch, to: exchange), connection)
        }
        try await eventually("the traps are followed: \(json.said)") { json.said.contains("trapped 8") }
        try rec.type("echo honest to the end")
        #expect(rec.finish() == 0)
        try await bed.archived(alice)
        let wanted = try TeamBed.addresses(try await alice.run(["cat", "last", "--json"]).output).sorted()
        let own = Set(wanted.map { $0.prefix { $0 != " " } })
        try await eventually("alice is followed to the end: \(json.said.suffix(500))") {
            try TeamBed.addresses(json.said).filter { own.contains($0.prefix { $0 != " " }) }.sorted() == wanted
        }
        #expect(try bed.holdsTheSame(as: alice), "seed \(seed)")
        // Alice's source is not mallory's: three messages are put aside, and the followers count theirs.
        try await eventually("it is told: \(serve.said.suffix(1000))") { serve.said.contains("\"quarantined\":3,") }
        for program in [json, text, mirror] {
            #expect(program.isRunning)
            #expect(!program.said.utf8.contains(0x1B) && !program.said.contains("\u{9B}"), "\(program.said)")
        }
        // Nothing was written but below the folder of mallory, and what is there is the text.
        let files = FileManager.default.enumerator(at: bob.home.url, includingPropertiesForKeys: nil)
        for case let file as URL in files ?? FileManager.DirectoryEnumerator() where file.path.contains("escaped") {
            #expect(file.path.hasPrefix(folder.path + "/mallory/"), "\(file.path)")
        }
        #expect(!FileManager.default.fileExists(atPath: "/escaped"))
        let manifest = try String(contentsOf: folder.appendingPathComponent(".playhead-mirror"), encoding: .utf8)
        #expect(!manifest.contains("trapped"), "\(manifest)")
        await connection.close()
    }

    /// Queues of every kind that a follow login may declare, and what comes of them.
    @Test func noQueueOfAFollowerReachesPublishersOrOthers() async throws {
        let bed = try await TeamBed(["alice", "bob", "carol"], follows: [("bob", "alice"), ("carol", "alice")])
        let serve = try bed.serve()
        let (alice, carol) = (try bed.person("alice"), try bed.person("carol"))
        let json = try bed.follow(carol, as: "carol", ["--json"])
        try await bed.isFollowed(by: "f-carol")
        let connection = try await AMQPConnection.open(AMQPOptions(url: try AMQPURL(bed.url("f-bob"))))
        let mark = "archiver.watermark.alice.*"
        let kinds: [(AMQPTable, durable: Bool)] = [
            (["x-max-length": 1, "x-overflow": "reject-publish"], false),
            (["x-max-length": 1, "x-overflow": "reject-publish"], true),
            (["x-max-length": 1], false), (["x-queue-mode": "lazy"], true),
            (["x-queue-type": "quorum", "x-max-length": 1, "x-overflow": "reject-publish"], true),
            // Dead letters under the archiver's name: old watermarks, at once and again and again.
            (
                [
                    "x-message-ttl": 0, "x-dead-letter-exchange": .string(BrokerNames.control),
                ], false
            ),
            (
                [
                    "x-max-length": 1, "x-dead-letter-exchange": .string(BrokerNames.control),
                    "x-dead-letter-routing-key": .string(BrokerNames.startedKey),
                ], false
            ),
        ]
        for ((arguments, durable), place) in zip(kinds, BrokerNames.followerPlaces) {
            let name = BrokerNames.followerQueue(of: "bob", place: place)
            try await connection.declare(
                AMQPTopology(
                    queues: [AMQPQueue(name, durable: durable, exclusive: !durable, arguments: arguments)],
                    bindings: [
                        AMQPBinding(from: BrokerNames.live, to: .queue(name), routingKey: "alice.#"),
                        AMQPBinding(from: BrokerNames.control, to: .queue(name), routingKey: mark),
                    ]))
        }
        // Another exchange than control is no place for its dead letters.
        for exchange in [BrokerNames.live, BrokerNames.events] {
            let other = try await AMQPConnection.open(AMQPOptions(url: try AMQPURL(bed.url("f-bob"))))
            await #expect(throws: AMQPError.self) {
                try await other.declare(
                    AMQPQueue(
                        BrokerNames.followerQueue(of: "bob", place: "z"), durable: false, exclusive: true,
                        arguments: ["x-dead-letter-exchange": .string(exchange)]))
            }
            await other.close()
        }
        // As many as there can be, each of them work for the broker at every batch; no other name is allowed.
        for place in BrokerNames.followerPlaces.dropFirst(kinds.count) {
            let name = BrokerNames.followerQueue(of: "bob", place: place)
            try await connection.declare(
                AMQPTopology(
                    queues: [AMQPQueue(name, durable: false, exclusive: true, arguments: ["x-max-length": 1])],
                    bindings: [AMQPBinding(from: BrokerNames.live, to: .queue(name), routingKey: "alice.#")]))
        }
        for name in [UUID().uuidString.lowercased(), "0z", "A", "-", "é", "", "a.b"] {
            let other = try await AMQPConnection.open(AMQPOptions(url: try AMQPURL(bed.url("f-bob"))))
            let error = await #expect(throws: AMQPError.self, "\(name)") {
                try await other.declare(AMQPQueue("f-bob.\(name)", durable: false, exclusive: true))
            }
            #expect(error?.code == .refused, "\(name)")
            await other.close()
        }
        let rec = try TypedRecording(alice, ["--broker", bed.url("alice")])
        for number in 1...10 { try rec.type("echo number \(number)") }
        #expect(rec.finish() == 0)
        try await bed.archived(alice)
        #expect(try bed.holdsTheSame(as: alice), "\(serve.said)")
        let wanted = try TeamBed.addresses(try await alice.run(["cat", "last", "--json"]).output).sorted()
        try await eventually("carol sees all of it: \(json.said.suffix(500))") {
            try TeamBed.addresses(json.said).sorted() == wanted
        }
        // Not one message was sent twice, though old watermarks came back.
        let statistics = try #require(serve.said.split(separator: "\n").last { $0.contains("\"duplicates\"") })
        #expect(statistics.contains("\"duplicates\":0"), "\(statistics)")
        await connection.close()
    }
}

extension RandomChain {
    fileprivate static func one(_ seed: Data) -> CheckedBatch {
        var chain = RandomChain(seed: seed.reduce(0) { $0 << 8 | UInt64($1) })
        return chain.batches(1)[0]
    }
}
