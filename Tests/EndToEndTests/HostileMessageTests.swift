import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation
import Synchronization
import TestSupport
import Testing

/// Somebody of the team sends an archiver at work whatever can be sent.
@Suite struct HostileMessageTests {
    /// A message that is right, to be spoilt.
    private struct Source {
        var chain: RandomChain
        var random: RandomValues

        mutating func message() -> AMQPMessage {
            WireMessage(user: "mallory", kind: .editor, content: .batch(chain.batches(1)[0])).published()
        }
    }

    /// Every way to be no message, by the word it is refused with.
    static let ways: [(code: String, spoil: @Sendable (inout AMQPMessage, inout RandomValues) -> Void)] = [
        ("key", { message, _ in message.routingKey = "mallory.not.a.key" }),
        ("key", { message, _ in message.routingKey += ".more" }),
        ("user", { message, _ in message.properties.userID = nil }),
        ("laundered", { message, _ in message.properties.headers["CC"] = .array([.string("alice.x.editor.y")]) }),
        ("laundered", { message, _ in message.properties.headers["x-death"] = .array([]) }),
        ("version", { message, _ in message.properties.headers["v"] = 7 }),
        ("version", { message, _ in message.properties.headers["v"] = nil }),
        ("headers", { message, _ in message.properties.headers["seq"] = 99 }),
        ("headers", { message, _ in message.properties.headers["hash"] = .string("x") }),
        ("headers", { message, _ in message.properties.type = "other" }),
        ("body", { message, random in message.body = Array(random.bytes(300)) }),
        ("body", { message, _ in message.body.removeLast(max(1, message.body.count / 3)) }),
        ("body", { message, _ in message.body = [] }),
        ("body", { message, _ in message.properties.type = "block" }),
        (
            "place",
            { message, _ in
                message.routingKey = message.routingKey.replacing(/[0-9a-f]{4}$/, with: "0000")
            }
        ),
    ]

    @Test func isPutAsideOrRefusedWhileTheOthersAreArchived() async throws {
        let bed = try await TeamBed(["alice", "mallory"])
        let serve = try bed.serve()
        var options = AMQPOptions(url: try AMQPURL(bed.url("mallory")))
        options.maximumBody = 128 << 20
        let connection = try await AMQPConnection.open(options)
        let seed = UInt64.random(in: 0...UInt64.max)
        let isOver = Mutex(false)
        async let flood = Self.flood(connection, seed: seed) { isOver.withLock { $0 } }

        let alice = try bed.person("alice")
        let rec = try await alice.run(
            ["rec", "--headless", "--broker", bed.url("alice")], input: "echo hello\nseq 1 300\n")
        #expect(rec.status == 0, "\(rec.error)")
        try await bed.archived(alice)
        #expect(try bed.holdsTheSame(as: alice), "seed \(seed)")
        // It was archived while the flood went on.
        #expect(isOver.withLock { $0 } == false)
        isOver.withLock { $0 = true }
        var sent = try await flood
        #expect(sent >= 2 * Self.ways.count, "seed \(seed)")

        // Larger than any message, and still taken by the broker.
        var source = Self.source(seed: seed &+ 1)
        var large = source.message()
        large.body = [UInt8](repeating: 7, count: WireMessage.largest + 1)
        #expect(await connection.publish(large, mandatory: true) == .confirmed)
        sent += 1
        let counted = sent
        try await eventually("all of it is counted, \(counted): \(serve.said.suffix(2000))") {
            serve.said.contains("\"quarantined\":\(counted),")
        }
        for code in Set(Self.ways.map(\.code) + ["size"]) {
            #expect(serve.said.contains("why=\(code): "), "\(code) is told, seed \(seed)")
        }
        // What the broker itself refuses: 100 MB, another's key, another's name.
        large.body = [UInt8](repeating: 7, count: 100 << 20)
        try await Self.isRefused(large, on: connection, "message size")
        var forged = source.message()
        forged.routingKey = forged.routingKey.replacing(/^mallory/, with: "alice")
        try await Self.isRefused(forged, on: try await AMQPConnection.open(options), "ACCESS_REFUSED")
        forged = source.message()
        forged.properties.userID = "alice"
        try await Self.isRefused(forged, on: try await AMQPConnection.open(options), "user_id")

        // And after all that it works as before.
        let again = try await alice.run(
            ["rec", "--headless", "--broker", bed.url("alice")], input: "echo again\n")
        #expect(again.status == 0, "\(again.error)")
        try await bed.archived(alice)
        #expect(try bed.holdsTheSame(as: alice), "seed \(seed)")
        #expect(serve.terminate() == 0)
        let verify = try await bed.archiver.run(["verify", "--team"])
        #expect(verify.status == 0, "\(verify.output)")
    }

    private static func source(seed: UInt64) -> Source {
        Source(chain: RandomChain(seed: seed), random: RandomValues(seed: seed))
    }

    /// Sends every kind of it again and again.
    private static func flood(
        _ connection: AMQPConnection, seed: UInt64, until isOver: @Sendable () -> Bool
    ) async throws -> Int {
        var source = source(seed: seed)
        var sent = 0
        while !isOver() || sent < 2 * ways.count {
            for way in ways {
                var message = source.message()
                way.spoil(&message, &source.random)
                let result = await connection.publish(message, mandatory: true)
                try #require(result == .confirmed, "seed \(seed), \(way.code)")
                sent += 1
            }
        }
        return sent
    }

    private static func isRefused(_ message: AMQPMessage, on connection: AMQPConnection, _ words: String) async throws {
        #expect(await connection.publish(message, mandatory: true) != .confirmed)
        var reason: AMQPError?
        for await event in connection.events { if case .closed(let error) = event { reason = error } }
        #expect(reason?.message.contains(words) == true, "\(String(describing: reason))")
    }
}
