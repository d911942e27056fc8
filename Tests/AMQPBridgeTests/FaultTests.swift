import AMQPBridge
import TestSupport
import Testing

/// A network that breaks in every way.
@Suite struct FaultTests {
    private struct Rig {
        let host: TestVirtualHost
        let proxy: FaultProxy
        let probe: Probe
        let session: AMQPSession
    }

    private func rig(heartbeat: Duration = .seconds(1)) async throws -> Rig {
        let host = try await TestBroker.shared().virtualHost()
        let proxy = try FaultProxy(to: host.url.port)
        let probe = Probe()
        let session = AMQPSession(
            .test(host.url, port: proxy.port, heartbeat: heartbeat), reconnect: .quick, handler: probe
        ) {
            AMQPSetup(
                topology: AMQPTopology(queues: [AMQPQueue("q")]), consumers: [AMQPConsumer(queue: "q", tag: "c")],
                confirmWindow: 20)
        }
        return Rig(host: host, proxy: proxy, probe: probe, session: session)
    }

    private func publications(_ tokens: ClosedRange<UInt64>, size: Int = 100) -> [AMQPPublication] {
        tokens.map {
            AMQPPublication(
                AMQPMessage(
                    exchange: "", routingKey: "q", properties: AMQPProperties(messageID: "\($0)"),
                    body: [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: size)), token: $0)
        }
    }

    /// Publishes again whatever is lost until each token was confirmed; then each must have been delivered.
    private func deliverAll(_ rig: Rig, _ tokens: ClosedRange<UInt64>, size: Int = 100) async throws {
        var settled = rig.probe.heard.settlements.count
        var missing = tokens.map(\.self)
        while !missing.isEmpty {
            try await rig.probe.wait(for: "open") { $0.isOpen }
            rig.session.publish(missing.flatMap { publications($0...$0, size: size) })
            settled += missing.count
            try await rig.probe.wait(for: "\(settled) answers") { [settled] in $0.settlements.count == settled }
            let confirmed = Set(rig.probe.heard.tokens(.confirmed))
            missing.removeAll { confirmed.contains($0) }
        }
        try await rig.probe.wait(for: "all delivered") { heard in
            Set(heard.deliveries.compactMap { $0.message.properties.messageID }).isSuperset(of: tokens.map { "\($0)" })
        }
    }

    private func end(_ rig: Rig) async {
        await rig.session.close()
        rig.proxy.end()
    }

    @Test(arguments: FaultEnd.allCases) func theConnectionBreaksAgainAndAgain(how: FaultEnd) async throws {
        let rig = try await rig()
        for round in 0..<5 as Range<UInt64> {
            rig.proxy.cutNext(after: 2500 + Int(round) * 777, round % 2 == 0 ? .toServer : .toClient, how)
            rig.proxy.breakAll(how)
            try await deliverAll(rig, round * 100 + 1...round * 100 + 100)
        }
        #expect(rig.probe.heard.openings >= 2)
        await end(rig)
    }

    /// Cut during the handshake, the setup, and everywhere after.
    @Test(arguments: FaultDirection.allCases) func cutAfterEveryFewBytes(direction: FaultDirection) async throws {
        let rig = try await rig()
        try await rig.probe.wait(for: "open") { $0.isOpen }
        for bytes in stride(from: 1, to: 900, by: 37) {
            let openings = rig.probe.heard.openings
            rig.proxy.cutNext(after: bytes, direction)
            rig.proxy.breakAll(.reset)
            try await rig.probe.wait(for: "open after a cut at \(bytes)") { $0.openings > openings && $0.isOpen }
        }
        try await deliverAll(rig, 1...20)
        await end(rig)
    }

    @Test func theOtherSideIsGoneWithoutAWord() async throws {
        let rig = try await rig()
        try await rig.probe.wait(for: "open") { $0.isOpen }
        rig.proxy.behaviour = .halfOpen
        try await rig.probe.wait(for: "noticed") { !$0.errors.isEmpty }
        let error = try #require(rig.probe.heard.errors.first)
        #expect(error.code == .timeout)
        #expect(error.message.contains("silent for 2 s"))
        rig.proxy.behaviour = FaultBehaviour()
        try await deliverAll(rig, 1...20)
        await end(rig)
    }

    /// While much is on its way: 0.11 would wait for ever inside a publish.
    @Test func theOtherSideTakesNothingMore() async throws {
        let rig = try await rig()
        try await rig.probe.wait(for: "open") { $0.isOpen }
        rig.proxy.behaviour.stalls = [.toServer, .toClient]
        rig.session.publish(publications(1...20, size: 1_000_000))
        // What was lost is told first, then why.
        try await rig.probe.wait(for: "20 lost") { $0.tokens(.lost).count == 20 && !$0.errors.isEmpty }
        #expect(rig.probe.heard.errors.first?.isRetryable == true)
        rig.proxy.behaviour = FaultBehaviour()
        try await deliverAll(rig, 1...20, size: 10)
        await end(rig)
    }

    /// Confirms are lost: the messages are there, twice after the next attempt.
    @Test func answersAreLost() async throws {
        let rig = try await rig()
        try await rig.probe.wait(for: "open") { $0.isOpen }
        rig.proxy.behaviour = .dropsAnswers
        rig.session.publish(publications(1...10))
        try await rig.probe.wait(for: "10 lost") { $0.tokens(.lost).count == 10 }
        rig.proxy.behaviour = FaultBehaviour()
        try await deliverAll(rig, 1...10)
        try await rig.probe.wait(for: "20 deliveries") { $0.deliveries.count >= 20 }
        await end(rig)
    }

    @Test func oneByteAtATime() async throws {
        let rig = try await rig(heartbeat: .seconds(5))
        rig.proxy.behaviour.slice = 1
        try await deliverAll(rig, 1...20)
        #expect(rig.probe.heard.openings == 1)
        await end(rig)
    }

    /// Closing does not wait for a login that hangs.
    @Test func closingDuringALoginThatHangs() async throws {
        let rig = try await rig()
        try await rig.probe.wait(for: "open") { $0.isOpen }
        rig.proxy.behaviour = .halfOpen
        rig.proxy.breakAll(.reset)
        try await rig.probe.wait(for: "an attempt") { heard in
            heard.states.count >= 4 && heard.errors.count >= 1
        }
        await end(rig)
        guard case .closed = rig.session.state else { return #expect(Bool(false)) }
    }
}
