import AMQPBridge
import Archive
import Delivery
import EventSchema
import TestSupport
import Testing

/// Who watches, by what a broker tells.
@Suite struct WatcherBookTests {
    private func event(_ kind: String, _ fields: [String: String], vhost: String = "team") -> AMQPMessage {
        var headers: AMQPTable = ["vhost": .string(vhost)]
        for (name, value) in fields { headers[name] = .string(value) }
        return AMQPMessage(
            exchange: BrokerNames.brokerEvents, routingKey: kind, properties: AMQPProperties(headers: headers), body: []
        )
    }

    private func binding(
        _ queue: String, _ key: String, created: Bool = true, from source: String = BrokerNames.live,
        again: Int64? = nil,
        vhost: String = "team"
    ) -> AMQPMessage {
        var message = event(
            created ? "binding.created" : "binding.deleted",
            ["source_name": source, "destination_name": queue, "routing_key": key], vhost: vhost)
        message.properties.headers["arguments"] = .table(again.map { ["rollcall": .int($0)] } ?? [:])
        return message
    }

    @Test func bindingsOfFollowersCount() {
        var book = WatcherBook(virtualHost: "team")
        #expect(book.take(binding("f-bob.1", "alice.#")) == ["alice"])
        #expect(book.take(binding("f-carol.2", "alice.S.#")) == ["alice"])
        #expect(book.take(binding("f-bob.3", "carol.#")) == ["carol"])
        #expect(book.viewers(of: "alice") == ["bob", "carol"])
        #expect(book.viewers(of: "carol") == ["bob"])
        // What does not mean that somebody looks.
        for message in [
            binding("f-eve.1", "alice.#", vhost: "other"), binding("f-eve.1", "alice.#", from: BrokerNames.control),
            binding("archiver.1", "alice.#"), binding("eve.1", "alice.#"), binding("f-.1", "alice.#"),
            event("queue.created", ["name": "f-eve.1"]), event("binding.created", [:]),
        ] { #expect(book.take(message).isEmpty) }
        #expect(book.take(event("queue.deleted", ["name": "f-bob.1"])) == ["alice"])
        #expect(book.viewers(of: "alice") == ["carol"])
        #expect(book.viewers(of: "carol") == ["bob"])
    }

    /// One of two equal bindings taken back leaves the other, as at the broker.
    @Test func nobodyHidesBehindASecondBinding() {
        var book = WatcherBook(virtualHost: "team")
        _ = book.take(binding("f-bob.1", "alice.#"))
        _ = book.take(binding("f-bob.1", "alice.#", again: 1))
        _ = book.take(binding("f-bob.1", "alice.#", created: false))
        #expect(book.viewers(of: "alice") == ["bob"])
        _ = book.take(binding("f-bob.1", "alice.#", created: false, again: 1))
        #expect(book.viewers(of: "alice").isEmpty)
    }

    @Test func isWhatABrokerHoldsWhateverComes() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        var book = WatcherBook(virtualHost: "team")
        var held: Set<[String]> = []
        for _ in 0..<2000 {
            let user = ["ann", "ben", "f", "zoe-1"].randomElement(using: &random) ?? ""
            let queue =
                "f-\(["bob", "eve"].randomElement(using: &random) ?? "").\(Int.random(in: 0..<6, using: &random))"
            let again = Int64.random(in: 0..<3, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0...2:
                _ = book.take(binding(queue, "\(user).#", again: again))
                held.insert([queue, user, "\(again)"])
            case 3:
                _ = book.take(binding(queue, "\(user).#", created: false, again: again))
                held.remove([queue, user, "\(again)"])
            default:
                _ = book.take(event("queue.deleted", ["name": queue]))
                held = held.filter { $0[0] != queue }
            }
            let wanted = Set(held.filter { $0[1] == user }.map { String($0[0].dropFirst(2).prefix(3)) }).sorted()
            #expect(book.viewers(of: user) == wanted, "seed \(seed)")
        }
    }

    @Test func onlyTheArchiversWordCounts() throws {
        let good = WatchingMessage(archive: Identifier(high: 1, low: 2), user: "alice", viewers: ["bob", "carol"])
            .published
        #expect(try WatchingMessage(good, of: "alice").viewers == ["bob", "carol"])
        func refused(_ code: MessageRefusal.Code, _ change: (inout AMQPMessage) -> Void) {
            var message = good
            change(&message)
            do throws(MessageRefusal) {
                _ = try WatchingMessage(message, of: "alice")
                Issue.record("taken: \(message.routingKey)")
            } catch {
                #expect(error.code == code)
            }
        }
        refused(.key) { $0.routingKey = "archiver.watching.bob" }
        refused(.user) { $0.properties.userID = "bob" }
        refused(.laundered) { $0.properties.headers["x-death"] = .array([]) }
        refused(.body) { $0.body = [9, 9, 9] }
        let bad = WatchingMessage(archive: Identifier(high: 1, low: 2), user: "alice", viewers: ["\u{1B}[2J"]).published
        refused(.body) { $0.body = bad.body }
    }
}
