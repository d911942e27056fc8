import AMQPBridge
import TestSupport
import Testing

/// Tests that break a broker, each one of its own: one after the other, a start is heavy.
@Suite(.serialized) struct BrokerOfItsOwnTests {
    private func message(_ number: UInt64) -> AMQPMessage {
        AMQPMessage(
            exchange: "", routingKey: "q", properties: AMQPProperties(persistent: true), body: Array("\(number)".utf8))
    }

    private func publications(_ tokens: ClosedRange<UInt64>) -> [AMQPPublication] {
        tokens.map { AMQPPublication(message($0), token: $0) }
    }

    @Test func aBrokerThatIsKilledComesBack() async throws {
        let broker = try await TestBroker.own()
        let host = try await broker.virtualHost()
        let probe = Probe()
        let session = AMQPSession(.test(host.url), reconnect: .quick, handler: probe) {
            AMQPSetup(
                topology: AMQPTopology(queues: [AMQPQueue("q", arguments: ["x-queue-type": "quorum"])]),
                confirmWindow: 50)
        }
        try await probe.wait(for: "open") { $0.isOpen }
        // RabbitMQ 3.10 writes down that a quorum queue exists up to 3 s after it has said so. Killed before, it comes back
        // with the queue empty and without a leader.
        try await Task.sleep(for: .seconds(4))
        session.publish(publications(1...2000))
        try await probe.wait(for: "some confirms") { $0.tokens(.confirmed).count > 100 }
        try await broker.kill9()
        try await probe.wait(for: "every token") { $0.settlements.count == 2000 }
        try await broker.restart()
        try await probe.wait(for: "open again") { $0.openings == 2 }
        // Once each, and told before the session is open again. What was not confirmed is published again, and again if
        // the queue has no leader yet.
        #expect(Set(probe.heard.settlements.map(\.token)).count == 2000)
        var settled = 2000
        var missing = Set(1...2000 as ClosedRange<UInt64>).subtracting(probe.heard.tokens(.confirmed))
        while !missing.isEmpty {
            try await probe.wait(for: "open") { $0.isOpen }
            session.publish(missing.sorted().map { AMQPPublication(message($0), token: $0) })
            settled += missing.count
            try await probe.wait(for: "\(missing.count) answers") { [settled] in $0.settlements.count == settled }
            missing.subtract(probe.heard.tokens(.confirmed))
            try await Task.sleep(for: .milliseconds(50))
        }
        await session.close()
        let reader = Probe()
        let consumer = AMQPSession(.test(host.url), handler: reader) {
            AMQPSetup(consumers: [AMQPConsumer(queue: "q", tag: "c")])
        }
        try await reader.wait(for: "every message") { heard in
            Set(heard.deliveries.map { String(decoding: $0.message.body, as: UTF8.self) }).count == 2000
        }
        await consumer.close()
    }

    /// A broker that lives and says nothing.
    @Test func aFrozenBroker() async throws {
        let broker = try await TestBroker.own()
        let host = try await broker.virtualHost()
        let probe = Probe()
        let session = AMQPSession(.test(host.url, heartbeat: .seconds(1)), reconnect: .quick, handler: probe) {
            AMQPSetup(topology: AMQPTopology(queues: [AMQPQueue("q")]), confirmWindow: 20)
        }
        try await probe.wait(for: "open") { $0.isOpen }
        try await broker.freeze()
        session.publish(publications(1...5))
        try await probe.wait(for: "5 lost") { $0.tokens(.lost).count == 5 }
        try await broker.freeze(false)
        try await probe.wait(for: "open again") { $0.openings == 2 }
        await session.close()
    }

    /// In an alarm the broker says so, messages wait, and go out when it is over.
    @Test(arguments: [TestBroker.Resource.memory, .disk]) func blockedAndUnblocked(resource: TestBroker.Resource)
        async throws
    {
        let broker = try await TestBroker.own()
        let host = try await broker.virtualHost()
        let probe = Probe()
        let sender = AMQPSession(.test(host.url), reconnect: .quick, handler: probe) {
            AMQPSetup(topology: AMQPTopology(queues: [AMQPQueue("q")]), confirmWindow: 100)
        }
        try await probe.wait(for: "open") { $0.isOpen }
        try await broker.alarm(resource)
        // The broker tells whoever publishes during the alarm.
        sender.publish(publications(1...1))
        try await probe.wait(for: "blocked") { $0.isBlocked }
        sender.publish(publications(2...300))
        try await broker.alarm(resource, false)
        try await probe.wait(for: "300 confirms") { $0.tokens(.confirmed).count == 300 }
        #expect(probe.heard.isOpen)
        #expect(probe.heard.errors.isEmpty)
        await sender.close()
    }
}
