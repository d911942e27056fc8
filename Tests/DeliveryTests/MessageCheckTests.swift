import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation
import TestSupport
import Testing

/// What every receiver takes, and what it refuses with which reason.
@Suite struct MessageCheckTests {
    private let check: MessageCheck
    private let seed = UInt64.random(in: 0...UInt64.max)

    init() throws { check = try MessageCheck() }

    private func batches(_ count: Int) -> [CheckedBatch] {
        var chain = RandomChain(seed: seed)
        return chain.batches(count)
    }

    private func refusal(of received: AMQPMessage) -> MessageRefusal.Code? {
        do throws(MessageRefusal) {
            _ = try check.check(received)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func everythingThatIsSentIsTaken() throws {
        let batches = batches(40)
        var messages = batches.map { WireMessage(user: "alice", kind: .editor, content: .batch($0)) }
        let block = try #require(try Sealer().seal(batches))
        guard case .sealed(let decoded) = try BlockBody(stored: block.body, with: ZstdDecompressor()) else {
            Issue.record("no sealed block")
            return
        }
        messages.append(WireMessage(user: "a-1", kind: .terminal, content: .block(block.body, decoded)))
        let range = LostRange(
            source: batches[0].source, session: batches[0].session, seqs: 3...9, lastHash: batches[8].hash)
        messages.append(WireMessage(user: "bob", kind: .import, content: .lost(range, reason: "damaged")))
        for message in messages {
            let taken = try check.check(message.published())
            #expect(taken == message, "seed \(seed)")
            #expect(taken.seqs == message.seqs && taken.lastHash == message.lastHash && taken.source == message.source)
        }
    }

    @Test func eachLieIsRefused() throws {
        let batch = batches(1)[0]
        let good = WireMessage(user: "alice", kind: .editor, content: .batch(batch)).published()
        #expect(refusal(of: good) == nil)
        func refused(_ code: MessageRefusal.Code, _ change: (inout AMQPMessage) -> Void) {
            var envelope = good
            change(&envelope)
            #expect(refusal(of: envelope) == code, "\(envelope.routingKey) \(envelope.properties.headers)")
        }
        refused(.user) { $0.properties.userID = nil }
        refused(.user) { $0.properties.userID = "bob" }
        refused(.user) { $0.properties.userID = "f-alice" }
        refused(.user) { $0.routingKey = $0.routingKey.replacing("alice", with: "bob") }
        refused(.key) { $0.routingKey = "alice.x" }
        refused(.key) { $0.routingKey = "Alice" + $0.routingKey.dropFirst(5) }
        refused(.key) { $0.routingKey = $0.routingKey.uppercased() }
        refused(.key) { $0.routingKey += ".more" }
        refused(.place) { $0.routingKey = "alice.\(SessionID.make(at: .epoch)).editor.\(batch.source)" }
        refused(.place) { $0.routingKey = "alice.\(batch.session).editor.\(SourceID.make(at: .epoch))" }
        for name in ["CC", "BCC", "x-death"] { refused(.laundered) { $0.properties.headers[name] = .array([]) } }
        refused(.size) { $0.body = Array(repeating: 0, count: WireMessage.largest + 1) }
        refused(.version) { $0.properties.headers["v"] = .int(2) }
        refused(.version) { $0.properties.headers["v"] = nil }
        refused(.headers) { $0.properties.headers["seq"] = .int(Int64(batch.seq) + 1) }
        refused(.headers) { $0.properties.headers["seq"] = .string("1") }
        refused(.headers) { $0.properties.headers["hash"] = .string(ContentHash(of: [1]).description) }
        refused(.headers) { $0.properties.type = "batches" }
        refused(.headers) { $0.properties.type = nil }
        refused(.body) { $0.properties.type = "block" }
        refused(.body) { $0.properties.type = "lost" }
        refused(.body) { $0.body.removeLast() }
        refused(.body) { $0.body = [] }
    }

    @Test func anUnknownKindOfSourceIsNoReasonToRefuse() throws {
        let batch = batches(1)[0]
        var envelope = WireMessage(user: "alice", kind: .editor, content: .batch(batch)).published()
        envelope.routingKey = "alice.\(batch.session).telescope.\(batch.source)"
        #expect(try check.check(envelope).kind == .unspecified)
    }

    /// Random damage never gets further than a refusal, and never changes what is taken.
    @Test func damageIsRefusedOrHarmless() throws {
        var random = SeededGenerator(seed: seed)
        let batches = batches(30)
        let block = try #require(try Sealer().seal(batches))
        guard case .sealed(let decoded) = try BlockBody(stored: block.body, with: ZstdDecompressor()) else { return }
        let messages: [WireMessage] = [
            WireMessage(user: "alice", kind: .editor, content: .batch(batches[4])),
            WireMessage(user: "alice", kind: .editor, content: .block(block.body, decoded)),
            WireMessage(
                user: "alice", kind: .editor,
                content: .lost(
                    LostRange(
                        source: batches[0].source, session: batches[0].session, seqs: 1...2,
                        lastHash: batches[1].hash), reason: "")),
        ]
        for _ in 0..<3000 {
            let original = messages[Int.random(in: 0..<messages.count, using: &random)]
            var envelope = original.published()
            for _ in 0...Int.random(in: 0..<3, using: &random) { Self.damage(&envelope, &random) }
            guard let taken = try? check.check(envelope) else { continue }
            #expect(taken.user == envelope.properties.userID && taken.body.count <= WireMessage.largest, "seed \(seed)")
            if case .lost = taken.content { continue }
            #expect(taken.lastHash == original.lastHash, "seed \(seed)")
        }
    }

    private static func damage(_ envelope: inout AMQPMessage, _ random: inout SeededGenerator) {
        switch Int.random(in: 0..<8, using: &random) {
        case 0 where !envelope.body.isEmpty:
            envelope.body[Int.random(in: 0..<envelope.body.count, using: &random)] = UInt8.random(
                in: 0...255, using: &random)
        case 1: envelope.body = Array(envelope.body.prefix(Int.random(in: 0...envelope.body.count, using: &random)))
        case 2: envelope.body += (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
        case 3:
            envelope.properties.headers[
                ["v", "seq", "hash", "first", "last", "CC"].randomElement(using: &random) ?? ""] = .array([])
        case 4: envelope.properties.type = ["batch", "block", "lost", "", "x"].randomElement(using: &random)
        case 5: envelope.routingKey = String(envelope.routingKey.shuffled(using: &random))
        case 6: envelope.properties.userID = ["alice", "bob", nil, "archiver"].randomElement(using: &random) ?? nil
        default: envelope.body = (0..<Int.random(in: 0..<300, using: &random)).map { _ in UInt8.random(in: 0...255) }
        }
    }

    /// A follower's queue may dead-letter what the archiver said to any key.
    @Test func aWatermarkThatComesBackIsRefused() throws {
        let batch = batches(1)[0]
        let good = WatermarkMessage(
            archive: Identifier(high: 1, low: 2), user: "alice", session: batch.session,
            heads: [batch.source: SourceHead(seq: 1, hash: batch.hash)]
        ).published
        #expect(try WatermarkMessage(good).heads[batch.source]?.seq == 1)
        func refused(_ code: MessageRefusal.Code, _ change: (inout AMQPMessage) -> Void) {
            var message = good
            change(&message)
            do throws(MessageRefusal) {
                _ = try WatermarkMessage(message)
                Issue.record("taken: \(message.routingKey) \(message.properties.headers)")
            } catch {
                #expect(error.code == code)
            }
        }
        refused(.user) { $0.properties.userID = nil }
        refused(.user) { $0.properties.userID = "alice" }
        for name in ["x-death", "CC", "BCC"] { refused(.laundered) { $0.properties.headers[name] = .array([]) } }
        refused(.key) { $0.routingKey = $0.routingKey.replacing("alice", with: "bob.x") }
        refused(.body) { $0.body = [1, 2, 3] }
    }
}
