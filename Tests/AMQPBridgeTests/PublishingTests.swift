import AMQPBridge
import TestSupport
import Testing

@Suite struct PublishingTests {
    private func publications(_ tokens: ClosedRange<UInt64>, to queue: String, mandatory: Bool = false)
        -> [AMQPPublication]
    {
        tokens.map {
            AMQPPublication(
                AMQPMessage(
                    exchange: "", routingKey: queue, properties: AMQPProperties(persistent: true),
                    body: Array("\($0)".utf8)), token: $0, mandatory: mandatory)
        }
    }

    private func session(_ host: TestVirtualHost, _ probe: Probe, _ queues: [AMQPQueue], window: Int = 100)
        -> AMQPSession
    {
        AMQPSession(.test(host.url), reconnect: .quick, handler: probe) {
            AMQPSetup(topology: AMQPTopology(queues: queues), confirmWindow: window)
        }
    }

    @Test(arguments: ["classic", "quorum"]) func everyMessageIsConfirmedOnceAndArrivesInOrder(kind: String) async throws
    {
        let host = try await TestBroker.shared().virtualHost()
        let probe = Probe()
        let queue = AMQPQueue("q", arguments: ["x-queue-type": .string(kind)])
        let sender = session(host, probe, [queue])
        try await probe.wait(for: "open") { $0.isOpen }
        // From several threads at once; each one's own messages stay in order.
        await withTaskGroup(of: Void.self) { group in
            for start in 0..<4 as Range<UInt64> {
                group.addTask {
                    for step in 0..<5 as Range<UInt64> {
                        let first = start * 1000 + step * 100 + 1
                        sender.publish(publications(first...first + 99, to: "q"))
                    }
                }
            }
        }
        try await probe.wait(for: "2000 confirms") { $0.settlements.count >= 2000 }
        #expect(Set(probe.heard.tokens(.confirmed)).count == 2000)
        let reader = Probe()
        let consumer = AMQPSession(.test(host.url), handler: reader) {
            AMQPSetup(consumers: [AMQPConsumer(queue: "q", tag: "c", prefetch: 300)])
        }
        try await reader.wait(for: "2000 messages") { $0.deliveries.count >= 2000 }
        let numbers = reader.heard.deliveries.compactMap { UInt64(String(decoding: $0.message.body, as: UTF8.self)) }
        for start in 0..<4 as Range<UInt64> {
            #expect(numbers.filter { $0 / 1000 == start } == Array(start * 1000 + 1...start * 1000 + 500))
        }
        await consumer.close()
        await sender.close()
        let looker = try await AMQPConnection.open(.test(host.url))
        let left = try await looker.declare(AMQPQueue("q", passive: true))
        #expect(left.messages == 0)
        await looker.close()
    }

    @Test func aFullQueueRefuses() async throws {
        let host = try await TestBroker.shared().virtualHost()
        let probe = Probe()
        let full = AMQPQueue("full", arguments: ["x-max-length": 10, "x-overflow": "reject-publish"])
        let sender = session(host, probe, [full])
        sender.publish(publications(1...100, to: "full"))
        try await probe.wait(for: "100 answers") { $0.settlements.count >= 100 }
        #expect(probe.heard.tokens(.confirmed).count == 10)
        #expect(probe.heard.tokens(.refused).count == 90)
        await sender.close()
    }

    @Test func whatNoQueueTakesIsUnroutableOnlyIfAskedFor() async throws {
        let host = try await TestBroker.shared().virtualHost()
        let probe = Probe()
        let sender = session(host, probe, [AMQPQueue("q")])
        for token in 0..<50 as Range<UInt64> {
            sender.publish(publications(token * 4 + 1...token * 4 + 1, to: "q", mandatory: true))
            sender.publish(publications(token * 4 + 2...token * 4 + 2, to: "nowhere", mandatory: true))
            sender.publish(publications(token * 4 + 3...token * 4 + 3, to: "nowhere"))
        }
        try await probe.wait(for: "150 answers") { $0.settlements.count >= 150 }
        #expect(Set(probe.heard.tokens(.unroutable)) == Set((0..<50).map { $0 * 4 + 2 }))
        #expect(probe.heard.tokens(.confirmed).count == 100)
        await sender.close()
    }

    @Test func theImpossibleIsToldAndHarmsNothing() async throws {
        let host = try await TestBroker.shared().virtualHost()
        let probe = Probe()
        let sender = session(host, probe, [AMQPQueue("q")])
        var wrong = publications(1...1, to: String(repeating: "k", count: 256))
        wrong += publications(2...2, to: "q")
        wrong[1].message.properties.headers = ["big": .bytes([UInt8](repeating: 0, count: 200_000))]
        wrong += publications(3...3, to: "q")
        sender.publish(wrong)
        try await probe.wait(for: "three answers") { $0.settlements.count >= 3 }
        #expect(probe.heard.tokens(.confirmed) == [3])
        #expect(probe.heard.openings == 1)
        await sender.close()
    }

    @Test func closingSendsWhatWaits() async throws {
        let host = try await TestBroker.shared().virtualHost()
        let probe = Probe()
        let sender = session(host, probe, [AMQPQueue("q")], window: 10)
        try await probe.wait(for: "open") { $0.isOpen }
        sender.publish(publications(1...500, to: "q"))
        await sender.close(within: .seconds(30))
        #expect(probe.heard.tokens(.confirmed).count == 500)
        guard case .closed = sender.state else { return #expect(Bool(false)) }
        // After it nothing happens any more.
        sender.publish(publications(501...501, to: "q"))
        await sender.close()
    }

    @Test func moreThanMayWaitIsLostAtOnce() async throws {
        let host = try await TestBroker.shared().virtualHost()
        let probe = Probe()
        var options = AMQPOptions.test(host.url)
        options.maximumWaiting = 10_000
        let sender = AMQPSession(options, handler: probe) { AMQPSetup(confirmWindow: 1) }
        for token in 1...200 as ClosedRange<UInt64> { sender.publish(publications(token...token, to: "q")) }
        try await probe.wait(for: "200 answers") { $0.settlements.count >= 200 }
        #expect(!probe.heard.tokens(.lost).isEmpty)
        #expect(!probe.heard.tokens(.confirmed).isEmpty)
        await sender.close()
    }
}
