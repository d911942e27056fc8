import AMQPBridge
import TestSupport
import Testing

/// Messages there and back through a real broker.
@Suite struct MessageTests {
    /// A queue of its own, and a message sent through it.
    private func echo(_ message: AMQPMessage, _ change: (inout AMQPOptions) -> Void = { _ in }) async throws
        -> AMQPDelivery
    {
        let host = try await TestBroker.shared().virtualHost()
        var options = AMQPOptions.test(host.url)
        change(&options)
        let connection = try await AMQPConnection.open(options)
        let queue = try await connection.declare(AMQPQueue("", durable: false, exclusive: true))
        let deliveries = try await connection.consume(AMQPConsumer(queue: queue.name, tag: "echo"))
        // Sent by another, whose limits are the usual ones.
        var sending = AMQPOptions.test(host.url)
        sending.maximumBody = 200 << 20
        sending.maximumWaiting = 400 << 20
        let sender = try await AMQPConnection.open(sending)
        var message = message
        message.routingKey = queue.name
        #expect(await sender.publish(message, mandatory: true) == .confirmed)
        await sender.close()
        var iterator = deliveries.makeAsyncIterator()
        let delivery = try #require(try await iterator.next())
        connection.acknowledge(delivery.tag)
        await connection.close()
        return delivery
    }

    @Test func allPropertiesComeBack() async throws {
        var properties = AMQPProperties(
            contentType: "text/plain", contentEncoding: "utf-8", headers: ["a": 1], persistent: true, priority: 3,
            correlationID: "c", replyTo: "r", expiration: "60000", messageID: "m", timestamp: 1_700_000_000, type: "t",
            appID: "")
        properties.userID = try await TestBroker.shared().place.settings.user
        let delivery = try await echo(
            AMQPMessage(exchange: "", routingKey: "", properties: properties, body: Array("héllo".utf8)))
        #expect(delivery.message.properties == properties)
        #expect(delivery.message.body == Array("héllo".utf8))
        #expect(delivery.consumer == "echo")
        #expect(!delivery.redelivered)
        #expect(delivery.message.properties.isPersistent)
    }

    @Test func headersOfEveryKind() async throws {
        let headers: AMQPTable = [
            "void": .void, "yes": true, "no": false, "one": 1, "low": .int(.min), "high": .int(.max),
            "double": .double(0.1), "decimal": .decimal(scale: 2, value: 314), "text": "ünï", "empty": "",
            "bytes": .bytes([0, 255, 1]), "nothing": .bytes([]), "time": .timestamp(1_700_000_000),
            "array": .array([1, "two", .array([.bool(true)]), .table(["x": 1])]), "none": .array([]),
            "table": .table(["a": .table(["b": .double(-0.5)])]), "blank": .table([:]),
        ]
        let message = AMQPMessage(exchange: "", routingKey: "", properties: AMQPProperties(headers: headers), body: [1])
        let delivery = try await echo(message)
        #expect(delivery.message.properties.headers == headers)
        #expect(delivery.omitted.isEmpty)
    }

    /// Around the border of a frame (131,064 bytes of body); the exact multiples once waited for 200 ms each.
    @Test(arguments: [0, 1, 131_063, 131_064, 131_065, 262_128, 1_000_000]) func bodies(size: Int) async throws {
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let delivery = try await echo(AMQPMessage(exchange: "", routingKey: "", body: body))
        #expect(delivery.message.body == body)
        #expect(delivery.bodySize == UInt64(size))
    }

    @Test func aBodyOverTheLimitIsReadPastAndNotHeld() async throws {
        let message = AMQPMessage(
            exchange: "", routingKey: "", properties: AMQPProperties(messageID: "big"),
            body: [UInt8](repeating: 7, count: 900_000))
        let delivery = try await echo(message) { $0.maximumBody = 100_000 }
        #expect(delivery.message.body.isEmpty)
        #expect(delivery.bodySize == 900_000)
        #expect(delivery.omitted == .body)
        #expect(delivery.message.properties.messageID == "big")
    }

    @Test func headersOverTheLimitAreLeftOut() async throws {
        var deep = AMQPValue.int(1)
        for _ in 0..<20 { deep = .table(["d": deep]) }
        for headers in [["deep": deep], ["wide": .array(Array(repeating: 1, count: 300))]] as [AMQPTable] {
            let message = AMQPMessage(
                exchange: "", routingKey: "", properties: AMQPProperties(headers: headers), body: [1])
            let delivery = try await echo(message)
            #expect(delivery.omitted == .headers)
            #expect(delivery.message.body == [1])
        }
    }

    @Test func askAndAnswer() async throws {
        let host = try await TestBroker.shared().virtualHost()
        let server = Probe(onDelivery: { batch, session in
            for delivery in batch {
                let properties = delivery.message.properties
                var answer = AMQPProperties(correlationID: properties.correlationID)
                answer.type = "answer"
                session.publish(
                    AMQPPublication(
                        AMQPMessage(
                            exchange: "", routingKey: properties.replyTo ?? "", properties: answer,
                            body: delivery.message.body.reversed()), token: 0))
            }
        })
        let session = AMQPSession(.test(host.url), handler: server) {
            AMQPSetup(
                topology: AMQPTopology(queues: [AMQPQueue("questions", durable: false)]),
                consumers: [AMQPConsumer(queue: "questions", tag: "s")])
        }
        try await server.wait(for: "open") { $0.isOpen }
        let client = try await AMQPConnection.open(.test(host.url))
        for number in 1...20 as ClosedRange<UInt8> {
            let answer = try await client.request(
                AMQPMessage(exchange: "", routingKey: "questions", body: [number, 0]))
            #expect(answer.body == [0, number])
            #expect(answer.properties.type == "answer")
        }
        let error = try await failure { () throws(AMQPError) in
            try await client.request(
                AMQPMessage(exchange: "", routingKey: "nobody"), timeout: .milliseconds(50))
        }
        #expect(error.code == .timeout)
        await client.close()
        await session.close()
    }
}
