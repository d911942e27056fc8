import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation
import Logging
import TestSupport
import Testing

/// Relays, a real broker and archivers in one process, so that sanitizers see what their threads do to each other.
@Suite(.serialized) struct LineTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let password = "secret"

    private let host: TestVirtualHost
    private let folder = try? TemporaryHome()
    private let seed = UInt64.random(in: 0...UInt64.max)

    init() async throws {
        host = try await TestBroker.shared().virtualHost()
        var team = TeamFile(virtualHost: host.name, archiverPassword: PasswordHash(of: Self.password))
        for name in ["alice", "bob"] { try team.add(name, password: PasswordHash(of: Self.password)) }
        let (management, made) = (host.broker.management, team)
        try await onThread { try TeamBroker.management(management).apply(made) }
    }

    private func url(_ login: String) -> AMQPURL {
        var url = host.url
        (url.user, url.password) = (login, Self.password)
        return url
    }

    /// A person's archive with a relay; batches go in from a thread of its own.
    private final class Person: Sendable {
        let name: String
        let home: ArchiveHome
        let relay: Relay
        let batches: [CheckedBatch]
        var session: SessionID { batches[0].session }

        init(_ name: String, _ login: BrokerLogin, in folder: URL, seed: UInt64, count: Int) throws {
            self.name = name
            home = ArchiveHome(folder.appendingPathComponent(name))
            try home.create()
            var chain = RandomChain(seed: seed)
            chain.stepsBack = false
            batches = chain.batches(count)
            relay = Relay(
                to: login.place, user: login.user, home: home, window: .init(messages: 50, bytes: 1 << 20),
                logger: LineTests.logger)
        }

        /// Commits everything, a few at a time.
        func record(_ pause: TimeInterval = 0.002) async throws {
            try await onThread { [self] in
                let writer = try ArchiveWriter(home: home)
                var rest = batches[...]
                while !rest.isEmpty {
                    let some = Array(rest.prefix(5))
                    rest = rest.dropFirst(5)
                    _ = try writer.append(some, user: name, now: RecordTime(milliseconds: 1))
                    relay.committed(some)
                    Thread.sleep(forTimeInterval: pause)
                }
            }
        }

        func stored(in team: ArchiveHome) throws -> Bool {
            let reader = try ArchiveReader(home: team)
            guard let source = try reader.sources([batches[0].source]).first, let last = batches.last else {
                return false
            }
            return source.head == SourceHead(seq: last.seq, hash: last.hash) && source.user == name
        }
    }

    private func person(_ name: String, _ number: UInt64, _ count: Int = 300) throws -> Person {
        try Person(name, BrokerLogin(url(name)), in: #require(folder).url, seed: seed &+ number, count: count)
    }

    private func archive(_ name: String) throws -> TeamArchive {
        let home = ArchiveHome(try #require(folder).file(name), of: .team)
        try home.create()
        return try TeamArchive(home: home, logger: Self.logger)
    }

    private func archiver(_ archive: TeamArchive) throws -> Archiver {
        let archiver = try Archiver(
            of: archive, logger: Self.logger, now: { RecordTime(milliseconds: 1) },
            mayRead: { reader, owner, _ in reader == "alice" && owner == "bob" })
        archiver.start(AMQPOptions(url: url("archiver"), connectionName: "archiver"))
        return archiver
    }

    private func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, "\(what), seed \(seed)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Two people record; connections are closed under everybody, the archiver is stopped and started, readers ask.
    @Test func everythingArrivesThroughWhateverHappens() async throws {
        let people = [try person("alice", 1), try person("bob", 2)]
        let archive = try archive("team")
        for person in people {
            person.relay.share(person.session, isLive: true)
            person.relay.start(Relay.Lines(to: try BrokerLogin(url(person.name)), window: 50))
        }
        var works = try archiver(archive)
        async let recordings: Void = withThrowingTaskGroup(of: Void.self) { group in
            for person in people { group.addTask { try await person.record() } }
            try await group.waitForAll()
        }
        async let asking = ask(10)
        for round in 0..<4 {
            try await Task.sleep(for: .milliseconds(150))
            for login in ["alice", "f-bob", "archiver"] { try await host.broker.closeConnections(of: login) }
            if round == 2 {
                await works.stop()
                works = try archiver(archive)
            }
            _ = people.map(\.relay.status.sentence)
        }
        try await recordings
        _ = await asking
        for person in people {
            try await eventually("all of \(person.name) is stored") { try person.stored(in: archive.home) }
            try await eventually("\(person.name) knows it") {
                person.relay.watermark(of: person.batches[0].source) == person.batches.last?.seq
            }
            // The last connection that was closed under it is made again first.
            try await eventually("\(person.name) is told so") {
                person.relay.status.sentence.contains(": all archived")
            }
            person.relay.close()
        }
        try archive.catchUp()
        let client = try await ArchiveClient(try BrokerLogin(url("bob")))
        #expect(try await client.sessions().count == 1, "bob sees only his own")
        await client.close()
        await works.stop()
        #expect(works.statistics.quarantined == 0 && works.statistics.conflicts == 0)
        archive.stop()
        // Random edits are of documents that were never opened; nothing but that is found, as at home.
        let own = try people.flatMap { try Verification(of: ArchiveReader(home: $0.home)).findings.map(\.description) }
        let findings = try Verification(of: ArchiveReader(home: archive.home)).findings.map(\.description)
        #expect(Set(findings) == Set(own), "seed \(seed)")
    }

    /// Readers that come and go while the archive is written; what they are told then does not matter.
    private func ask(_ times: Int) async -> Int {
        var answers = 0
        for _ in 0..<times {
            guard let client = try? await ArchiveClient(BrokerLogin(url("alice")), patience: .seconds(1)) else {
                continue
            }
            if (try? await client.sessions()) != nil { answers += 1 }
            await client.close()
        }
        return answers
    }

    /// Sharing begins, ends and begins again while batches come.
    @Test func sharingIsTakenBackWhileItIsSent() async throws {
        let alice = try person("alice", 3)
        let archive = try archive("team")
        let works = try archiver(archive)
        alice.relay.start(Relay.Lines(to: try BrokerLogin(url("alice")), window: 50))
        async let recording: Void = alice.record()
        for _ in 0..<5 {
            alice.relay.share(alice.session, isLive: true)
            try await Task.sleep(for: .milliseconds(60))
            alice.relay.unshare(alice.session)
            // Whoever logs in anew, meanwhile.
            alice.relay.start(Relay.Lines(to: try BrokerLogin(url("alice")), window: 50))
        }
        try await recording
        #expect(alice.relay.status.unsent == 0, "nothing is shared")
        alice.relay.share(alice.session, isLive: false)
        try await eventually("all is stored") { try alice.stored(in: archive.home) }
        alice.relay.close()
        await works.stop()
        archive.stop()
        let own = try Verification(of: ArchiveReader(home: alice.home)).findings.map(\.description)
        let findings = try Verification(of: ArchiveReader(home: archive.home)).findings.map(\.description)
        #expect(Set(findings) == Set(own), "seed \(seed)")
    }

    /// Of two archivers with an archive each, one takes and answers; the other one does both once it is alone.
    @Test func whoStandsByAnswersNothing() async throws {
        let alice = try person("alice", 4, 40)
        let (first, second) = (try archive("first"), try archive("second"))
        let works = try archiver(first)
        try await eventually("the first works") { works.state == "open" }
        let waits = try archiver(second)
        try await eventually("the second stands by") { waits.state.hasPrefix("stands by") }
        alice.relay.share(alice.session, isLive: false)
        alice.relay.start(Relay.Lines(to: try BrokerLogin(url("alice")), window: 50))
        try await alice.record()
        try await eventually("the first has it") { try alice.stored(in: first.home) }
        let client = try await ArchiveClient(BrokerLogin(url("alice")))
        var request = ArchiveRequest()
        request.heads.sources = [Data(alice.batches[0].source.bytes)]
        for _ in 0..<10 {
            #expect(try await client.ask(request).archive == Data(first.identity.bytes))
        }
        #expect(waits.statistics.requests == 0 && waits.statistics.messages == 0)
        await works.stop()
        try await eventually("the second has it") { try alice.stored(in: second.home) }
        for _ in 0..<10 {
            #expect(try await client.ask(request).archive == Data(second.identity.bytes))
        }
        await client.close()
        alice.relay.close()
        await waits.stop()
        for archive in [first, second] { archive.stop() }
    }
}
