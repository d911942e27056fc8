import AMQPBridge
import TestSupport
import Testing

/// A server that is not what it should be: errors, never a trap, never a wait without end.
@Suite(.serialized) struct HostileServerTests {
    /// What a broker says to a client that opens a channel, selects confirms and consumes, with two deliveries: whole frames.
    private static let frames: [[UInt8]] = {
        var frames = [start, tune, method(10, 41, [0]), method(20, 11, [0, 0, 0, 0], channel: 1)]
        frames.append(method(85, 11, [], channel: 1))
        frames.append(method(60, 11, [], channel: 1))
        frames.append(method(60, 21, short("c"), channel: 1))
        for number in 1...2 as ClosedRange<UInt8> {
            let deliver = short("c") + [0, 0, 0, 0, 0, 0, 0, number, 0] + short("x") + short("key")
            frames.append(method(60, 60, deliver, channel: 1))
            let headers = short("a") + [UInt8(ascii: "I"), 0, 0, 0, 1] + short("b") + [UInt8(ascii: "F"), 0, 0, 0, 0]
            frames.append(
                frame(2, [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0x20, 0] + length(headers.count) + headers, channel: 1))
            frames.append(frame(3, [1, 2, 3, 4, 5], channel: 1))
        }
        return frames
    }()

    /// Each when it is due.
    private static func script(_ frames: [[UInt8]], _ more: [UInt8] = []) -> [FakeServer.Line] {
        let due = [0, 1, 3, 4, 5, 6]
        return frames.enumerated().map {
            FakeServer.Line(after: $0.offset < due.count ? due[$0.offset] : 7, bytes: $0.element)
        } + [FakeServer.Line(after: 0, bytes: more)]
    }

    private static let start = method(10, 10, [0, 9] + length(0) + long("PLAIN EXTERNAL") + long("en_US"))
    private static let tune = method(10, 30, [0, 1] + length(131_072) + [0, 5])

    private static func length(_ count: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) }
    }
    private static func short(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
    private static func long(_ text: String) -> [UInt8] { length(text.utf8.count) + Array(text.utf8) }

    private static func frame(_ type: UInt8, _ payload: [UInt8], channel: UInt8 = 0) -> [UInt8] {
        [type, 0, channel] + length(payload.count) + payload + [0xCE]
    }

    private static func method(_ group: UInt8, _ number: UInt8, _ arguments: [UInt8], channel: UInt8 = 0) -> [UInt8] {
        frame(1, [0, group, 0, number] + arguments, channel: channel)
    }

    private func session(_ server: FakeServer, _ probe: Probe, confirms: Bool = true) -> AMQPSession {
        var options = AMQPOptions(url: AMQPURL(host: "127.0.0.1", port: server.port), connectionName: "victim")
        options.heartbeat = .seconds(1)
        options.handshakeTimeout = .milliseconds(300)
        options.requestTimeout = .milliseconds(300)
        let policy = ReconnectPolicy(initial: .milliseconds(1), longest: .milliseconds(2))
        return AMQPSession(options, reconnect: policy, handler: probe) {
            AMQPSetup(consumers: [AMQPConsumer(queue: "q", tag: "c")], confirmWindow: confirms ? 10 : nil)
        }
    }

    @Test func theHonestOneIsUnderstood() async throws {
        let server = try FakeServer { _ in Self.script(Self.frames) }
        let probe = Probe()
        let session = session(server, probe)
        try await probe.wait(for: "two deliveries") { $0.deliveries.count >= 2 }
        #expect(probe.heard.deliveries[0].message.properties.headers == ["a": 1, "b": .table([:])])
        #expect(probe.heard.deliveries[1].message.body == [1, 2, 3, 4, 5])
        await session.close(within: .zero)
        server.end()
    }

    /// Bytes changed, frames dropped, doubled, swapped, cut: hundreds of connections, each ends in an error.
    @Test(arguments: [UInt64.random(in: 0...(.max)), 7]) func mutatedFrames(seed: UInt64) async throws {
        print("HostileServerTests mutatedFrames seed \(seed)")
        let server = try FakeServer { number in
            var generator = SeededGenerator(seed: seed &+ UInt64(number))
            return Self.mutated(&generator)
        }
        // Several at once: some wait for a heartbeat that never comes.
        let probe = Probe()
        let sessions = (0..<10).map { _ in session(server, probe) }
        try await probe.wait(for: "200 ends") { $0.errors.count >= 200 }
        for session in sessions { await session.close(within: .zero) }
        server.end()
    }

    private static func mutated(_ generator: inout SeededGenerator) -> [FakeServer.Line] {
        var frames = frames
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let index = Int.random(in: 0..<frames.count, using: &generator)
            guard !frames[index].isEmpty else { continue }
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: frames.remove(at: index)
            case 1: frames.insert(frames[index], at: index)
            case 2: frames.swapAt(index, Int.random(in: 0..<frames.count, using: &generator))
            case 3: frames[index].removeLast(Int.random(in: 1...frames[index].count, using: &generator))
            default:
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let byte = Int.random(in: 0..<frames[index].count, using: &generator)
                    frames[index][byte] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            if frames.isEmpty { return [] }
        }
        return script(frames)
    }

    @Test(arguments: [UInt64.random(in: 0...(.max)), 7]) func anyBytes(seed: UInt64) async throws {
        print("HostileServerTests anyBytes seed \(seed)")
        let server = try FakeServer { number in
            var generator = SeededGenerator(seed: seed &+ UInt64(number))
            let noise = (0..<Int.random(in: 0...5000, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let honest = Self.frames.prefix(Int.random(in: 0...Self.frames.count, using: &generator))
            return number % 9 == 8 ? nil : Self.script(Array(honest), noise)
        }
        let probe = Probe()
        let session = session(server, probe)
        try await probe.wait(for: "100 ends") { $0.errors.count >= 100 }
        await session.close(within: .zero)
        server.end()
    }

    /// As deep as a frame allows: the library recurses, so the thread's stack must hold.
    @Test(arguments: ["A", "F"]) func tablesNestedAsDeepAsAFrameAllows(kind: Character) async throws {
        var nested: [UInt8] = []
        let letter = kind.asciiValue ?? 0
        var size = 0
        // From the inside out: each level holds the length of the rest.
        var levels: [[UInt8]] = []
        while size < 131_000 {
            let head = (kind == "F" ? [0] : []) + [letter] + Self.length(size)
            levels.append(head)
            size += head.count
        }
        for level in levels.reversed() { nested += level }
        let headers = kind == "F" ? nested : Self.short("a") + nested
        let payload = [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0] + Self.length(headers.count) + headers
        let frames = Array(Self.frames.prefix(8)) + [Self.frame(2, payload, channel: 1)] + Self.frames.dropFirst(10)
        let server = try FakeServer { _ in Self.script(frames) }
        let probe = Probe()
        let session = session(server, probe)
        try await probe.wait(for: "two deliveries") { $0.deliveries.count >= 2 }
        #expect(probe.heard.deliveries[0].omitted.contains(.headers))
        #expect(probe.heard.deliveries[1].omitted.isEmpty)
        await session.close(within: .zero)
        server.end()
    }

    /// A body announced larger than any memory is not waited for in memory.
    @Test func anEndlessBody() async throws {
        let header: [UInt8] = [0, 60, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0]
        let piece = Self.frame(3, [UInt8](repeating: 1, count: 100_000), channel: 1)
        let frames = Array(Self.frames.prefix(8)) + [Self.frame(2, header, channel: 1)]
        let flood = Array([[UInt8]](repeating: piece, count: 300).joined())
        let server = try FakeServer { _ in Self.script(frames, flood) }
        let probe = Probe()
        let session = session(server, probe)
        // It stays silent after that: the heartbeat ends it.
        try await probe.wait(for: "an end") { $0.errors.count >= 1 }
        #expect(probe.heard.errors[0].code == .timeout, "\(probe.heard.errors[0])")
        #expect(probe.heard.deliveries.isEmpty)
        await session.close(within: .zero)
        server.end()
    }

    /// Frames that the library passes over without a word keep it inside one call: the watchdog ends that.
    @Test func nothingButHeartbeats() async throws {
        let beat = Self.frame(8, [])
        let flood = Array([[UInt8]](repeating: beat, count: 20_000).joined())
        let server = try FakeServer { _ in Self.script([Self.start], flood) }
        let probe = Probe()
        let session = session(server, probe)
        try await probe.wait(for: "two ends") { $0.errors.count >= 2 }
        await session.close(within: .zero)
        server.end()
    }

    @Test func confirmsNobodyAskedFor() async throws {
        let answers: [[UInt8]] = [
            Self.method(60, 80, [0, 0, 0, 0, 0, 0, 0, 9, 1], channel: 1),
            Self.method(60, 120, [0, 0, 0, 0, 0, 0, 0, 1, 0], channel: 1),
            Self.method(50, 11, Self.short("q") + Self.length(0) + Self.length(0), channel: 1),
            Self.method(10, 51, []), Self.method(90, 11, [], channel: 1),
        ]
        let server = try FakeServer { number in Self.script(Self.frames, answers[number % answers.count]) }
        let probe = Probe()
        let session = session(server, probe)
        try await probe.wait(for: "ends") { $0.errors.count >= 10 }
        #expect(probe.heard.errors.allSatisfy { $0.code == .violation })
        await session.close(within: .zero)
        server.end()
    }
}
