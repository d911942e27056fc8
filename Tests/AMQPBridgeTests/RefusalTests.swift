import AMQPBridge
import TestSupport
import Testing

/// What a broker refuses, and the words for it.
@Suite struct RefusalTests {
    @Test func wrongPasswordUserOrVirtualHost() async throws {
        let host = try await TestBroker.shared().virtualHost()
        var url = host.url
        url.password = "wrong"
        var error = try await failure { () throws(AMQPError) in try await AMQPConnection.open(.test(url)) }
        #expect(error.code == .login)
        #expect(error.message.contains("password is wrong"))
        #expect(!error.description.contains("wrong@"))
        url = host.url
        url.explicitVirtualHost = "no-such-place"
        error = try await failure { () throws(AMQPError) in try await AMQPConnection.open(.test(url)) }
        #expect(error.code == .missing)
        #expect(error.message.contains("no virtual host 'no-such-place'"))
        url = try await host.addUser("elsewhere-\(host.name)")
        url.explicitVirtualHost = "/"
        error = try await failure { () throws(AMQPError) in try await AMQPConnection.open(.test(url)) }
        #expect(error.code == .refused)
        #expect(error.message.contains("may not use virtual host '/'"))
        url.explicitVirtualHost = "zero\0"
        error = try await failure { () throws(AMQPError) in try await AMQPConnection.open(.test(url)) }
        #expect(error.code == .url)
    }

    @Test func withoutPermission() async throws {
        let host = try await TestBroker.shared().virtualHost()
        let admin = try await AMQPConnection.open(.test(host.url))
        try await admin.declare(AMQPTopology(queues: [AMQPQueue("theirs")]))
        await admin.close()
        let url = try await host.addUser("poor-\(host.name)", configure: "", write: "", read: "")
        for request in ["declare", "consume", "publish"] {
            let connection = try await AMQPConnection.open(.test(url))
            switch request {
            case "declare":
                let error = try await failure { () throws(AMQPError) in try await connection.declare(AMQPQueue("mine"))
                }
                #expect(error.code == .refused)
                #expect(error.message.contains("declaring queue 'mine'"))
                #expect(error.message.contains("needs this permission"))
            case "consume":
                let error = try await failure { () throws(AMQPError) in
                    try await connection.consume(AMQPConsumer(queue: "theirs", tag: "c"))
                }
                #expect(error.code == .refused)
            default:
                let result = await connection.publish(
                    AMQPMessage(exchange: "amq.topic", routingKey: "k"), mandatory: false)
                #expect(result == .lost)
                var reason: AMQPError?
                for await event in connection.events { if case .closed(let error) = event { reason = error } }
                #expect(reason?.code == .refused)
                #expect(reason?.message.hasPrefix("publishing") == true)
            }
            await connection.close()
        }
    }

    @Test func missingMismatchedAndBusy() async throws {
        let host = try await TestBroker.shared().virtualHost()
        let owner = try await AMQPConnection.open(.test(host.url))
        try await owner.declare(
            AMQPTopology(queues: [AMQPQueue("durable"), AMQPQueue("own", durable: false, exclusive: true)]))
        let attempts: [(AMQPQueue, AMQPError.Code, String)] = [
            (AMQPQueue("nothing", passive: true), .missing, "looking for queue 'nothing'"),
            (AMQPQueue("durable", durable: false), .mismatch, "exists with other properties"),
            (AMQPQueue("own", durable: false, exclusive: true), .busy, "another connection holds it"),
            (AMQPQueue(String(repeating: "q", count: 300)), .tooLarge, "300 bytes"),
        ]
        for (queue, code, words) in attempts {
            let connection = try await AMQPConnection.open(.test(host.url))
            let error = try await failure { () throws(AMQPError) in try await connection.declare(queue) }
            #expect(error.code == code)
            #expect(error.message.contains(words), "\(error.message)")
            await connection.close()
        }
        await owner.close()
    }

    /// Nothing hot: one attempt, then a long wait that somebody's attention is asked for.
    @Test func aSessionDoesNotHammerOnWhatIsRefused() async throws {
        let host = try await TestBroker.shared().virtualHost()
        var url = host.url
        url.password = "wrong"
        let probe = Probe()
        let session = AMQPSession(
            .test(url), reconnect: ReconnectPolicy(initial: .milliseconds(1), longest: .seconds(600)), handler: probe
        ) { AMQPSetup() }
        try await probe.wait(for: "waiting") { !$0.errors.isEmpty }
        guard case .waiting(let until, let error, let needsAttention) = session.state else {
            return #expect(Bool(false))
        }
        #expect(error.code == .login)
        #expect(needsAttention)
        #expect(until > .now + .seconds(200))
        await session.close()
    }

    @Test func aChannelErrorOfASessionIsRetriedSlowly() async throws {
        let host = try await TestBroker.shared().virtualHost()
        let probe = Probe()
        let session = AMQPSession(.test(host.url), handler: probe) { AMQPSetup(confirmWindow: 10) }
        try await probe.wait(for: "open") { $0.isOpen }
        session.publish(AMQPPublication(AMQPMessage(exchange: "no-such-exchange", routingKey: ""), token: 9))
        try await probe.wait(for: "waiting") { !$0.errors.isEmpty }
        #expect(probe.heard.tokens(.lost) == [9])
        let error = try #require(probe.heard.errors.first)
        #expect(error.code == .missing)
        #expect(error.message.contains("no-such-exchange"))
        await session.close()
    }
}
