import AMQPBridge
import TestSupport
import Testing

/// What a session does when its connection ends, for whatever reason.
@Suite struct SessionTests {
    private func message(_ number: UInt64, to queue: String = "q") -> AMQPMessage {
        AMQPMessage(
            exchange: "", routingKey: queue, properties: AMQPProperties(persistent: true),
            body: Array("\(number)".utf8))
    }

    private func publications(_ tokens: ClosedRange<UInt64>) -> [AMQPPublication] {
        tokens.map { AMQPPublication(message($0), token: $0) }
    }

    @Test func aDeletedQueueIsDeclaredAgain() async throws {
        let host = try await TestBroker.shared().virtualHost()
        let probe = Probe()
        let session = AMQPSession(.test(host.url), reconnect: .quick, handler: probe) {
            AMQPSetup(
                topology: AMQPTopology(queues: [AMQPQueue("q")]), consumers: [AMQPConsumer(queue: "q", tag: "c")],
                confirmWindow: 10)
        }
        try await probe.wait(for: "open") { $0.isOpen }
        try await host.deleteQueue("q")
        try await probe.wait(for: "open again") { $0.openings == 2 }
        #expect(probe.heard.errors.first?.message.contains("'c'") == true)
        session.publish(AMQPPublication(message(1), token: 1))
        try await probe.wait(for: "a message") { $0.deliveries.count == 1 }
        await session.close()
    }

    @Test func anOperatorClosesTheConnection() async throws {
        let host = try await TestBroker.shared().virtualHost()
        let url = try await host.addUser("closed-\(host.name)")
        let probe = Probe()
        let session = AMQPSession(.test(url), reconnect: .quick, handler: probe) {
            AMQPSetup(
                topology: AMQPTopology(queues: [AMQPQueue("q")]), consumers: [AMQPConsumer(queue: "q", tag: "c")],
                confirmWindow: 10)
        }
        try await probe.wait(for: "open") { $0.isOpen }
        // The management plug-in learns of a connection a moment after it is open.
        try await eventually("a connection to close") {
            try await host.broker.closeConnections(of: "closed-\(host.name)") > 0
        }
        try await probe.wait(for: "open again") { $0.openings >= 2 }
        let error = try #require(probe.heard.errors.first)
        #expect(error.code == .closed)
        #expect(error.isRetryable)
        session.publish(AMQPPublication(message(1), token: 1))
        try await probe.wait(for: "a message") { $0.deliveries.count == 1 }
        await session.close()
    }

    /// Fresh names for each connection, and what was declared in between comes again.
    @Test func everyConnectionIsSetUpAnew() async throws {
        let host = try await TestBroker.shared().virtualHost()
        let proxy = try FaultProxy(to: host.url.port)
        let probe = Probe()
        let session = AMQPSession(.test(host.url, port: proxy.port), reconnect: .quick, handler: probe) {
            let name = "fresh-\(UInt64.random(in: 0...(.max)))"
            return AMQPSetup(
                topology: AMQPTopology(
                    exchanges: [AMQPExchange("x", .topic, durable: false)],
                    queues: [AMQPQueue(name, durable: false, exclusive: true, autoDelete: true)],
                    bindings: [AMQPBinding(from: "x", to: .queue(name), routingKey: "a")]),
                consumers: [AMQPConsumer(queue: name, tag: "c", acknowledges: false)])
        }
        try await probe.wait(for: "open") { $0.isOpen }
        session.declare(
            AMQPTopology(
                exchanges: [AMQPExchange("y", .fanout, durable: false)],
                bindings: [AMQPBinding(from: "y", to: .exchange("x"))]))
        for round in 1...3 {
            let sender = try await AMQPConnection.open(.test(host.url))
            try await eventually("routed") {
                await sender.publish(AMQPMessage(exchange: "y", routingKey: "a", body: [1]), mandatory: true)
                    == .confirmed
            }
            await sender.close()
            try await probe.wait(for: "a message in round \(round)") { $0.deliveries.count == round }
            proxy.breakAll(.reset)
            try await probe.wait(for: "open again") { $0.openings == round + 1 }
        }
        await session.close()
        proxy.end()
    }

    /// No broker at all: it waits, answers for what it cannot send, and closes at once.
    @Test func nobodyIsThere() async throws {
        let probe = Probe()
        var url = AMQPURL(host: "127.0.0.1", port: 1)
        url.user = "someone"
        let session = AMQPSession(
            .test(url), reconnect: ReconnectPolicy(initial: .seconds(30), longest: .seconds(60)), handler: probe
        ) { AMQPSetup(confirmWindow: 10) }
        try await probe.wait(for: "waiting") { !$0.errors.isEmpty }
        session.publish(publications(1...3))
        try await probe.wait(for: "three lost") { $0.tokens(.lost) == [1, 2, 3] }
        let error = try #require(probe.heard.errors.first)
        #expect(error.code == .unreachable)
        #expect(error.message.contains("is the broker running"))
        session.retry()
        try await probe.wait(for: "another attempt") { $0.errors.count == 2 }
        await session.close()
        guard case .closed = probe.heard.states.last else { return #expect(Bool(false)) }
    }

    /// An acknowledgement for a connection that is gone must not hit a message of the next one.
    @Test func aStaleTagHasNoEffect() async throws {
        let host = try await TestBroker.shared().virtualHost()
        let proxy = try FaultProxy(to: host.url.port)
        let probe = Probe(acknowledges: false)
        let session = AMQPSession(.test(host.url, port: proxy.port), reconnect: .quick, handler: probe) {
            AMQPSetup(
                topology: AMQPTopology(queues: [AMQPQueue("q")]), consumers: [AMQPConsumer(queue: "q", tag: "c")],
                confirmWindow: 10)
        }
        try await probe.wait(for: "open") { $0.isOpen }
        session.publish(publications(1...5))
        try await probe.wait(for: "five") { $0.deliveries.count == 5 }
        let stale = probe.heard.deliveries.map(\.tag)
        proxy.breakAll(.finish)
        try await probe.wait(for: "five again") { $0.deliveries.count == 10 }
        for tag in stale { session.acknowledge(tag, multiple: true) }
        #expect(probe.heard.deliveries.suffix(5).filter(\.redelivered).count == 5)
        session.reject(probe.heard.deliveries[5].tag, requeue: false)
        session.acknowledge(probe.heard.deliveries[9].tag, multiple: true)
        await session.close()
        let looker = try await AMQPConnection.open(.test(host.url))
        let left = try await looker.declare(AMQPQueue("q", passive: true))
        #expect(left.messages == 0)
        #expect(probe.heard.openings == 2)
        await looker.close()
        proxy.end()
    }
}
