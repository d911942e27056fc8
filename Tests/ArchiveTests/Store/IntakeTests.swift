import Archive
import EventSchema
import Foundation
import TestSupport
import Testing

/// What a team's archive does with what comes from the broker.
@Suite struct IntakeTests {
    let home: TemporaryHome
    let archive: ArchiveHome

    init() throws {
        home = try TemporaryHome()
        archive = ArchiveHome(home.file("home"), of: .team)
    }

    private static let now = RecordTime(milliseconds: 1_790_000_000_000)

    private func batches(_ count: Int) -> [CheckedBatch] {
        var chain = RandomChain(seed: .random(in: 0...UInt64.max))
        return chain.batches(count)
    }

    private func arrivals(_ batches: [CheckedBatch], user: String = "alice") -> [Arrival] {
        batches.map { .batch($0, kind: .editor, user: user) }
    }

    private func block(of batches: [CheckedBatch]) throws -> Arrival {
        let block = try #require(try Sealer().seal(batches))
        guard case .sealed(let decoded) = try BlockBody(stored: block.body, with: ZstdDecompressor()) else {
            throw ArchiveError(.failed, "no block")
        }
        return .block(block.body, decoded, kind: .editor, user: "alice")
    }

    private func events(of batches: [CheckedBatch]) throws -> Bool {
        let stored = try ArchiveReader(home: archive).events(of: batches[0].source)
        return stored.map(\.address) == batches.flatMap(\.timedEvents).map(\.address)
            && stored.map(\.event.body) == batches.flatMap(\.timedEvents).map(\.event.body)
    }

    @Test func everyBatchOnceWhateverComesTwiceOrShuffled() throws {
        var random = SeededGenerator(seed: .random(in: 0...UInt64.max))
        let writer = try ArchiveWriter(home: archive)
        let made = batches(60)
        var report = IntakeReport()
        for part in (made + made).shuffled(using: &random) {
            let done = try writer.store(arrivals([part]), now: Self.now)
            report.appended += done.appended
            report.duplicates += done.duplicates
        }
        #expect(report.appended == 60)
        #expect(try events(of: made))
        #expect(try writer.head(of: made[0].source) == SourceHead(seq: 60, hash: made[59].hash))
        #expect(try Verification(of: ArchiveReader(home: archive)).batches == 60)
    }

    /// The first message of a source that comes is a later one; the archiver starts again before the first.
    @Test(arguments: [false, true]) func aSourceOfWhichOnlyLaterOnesCameGoesOnUnderTheNextWriter(isBlock: Bool) throws {
        let made = batches(300)
        let later = isBlock ? [try block(of: Array(made[100...]))] : arrivals(Array(made[100..<120]))
        #expect(try ArchiveWriter(home: archive).store(later, now: Self.now).appended == 0)
        #expect(try ArchiveReader(home: archive).sources().map(\.head) == [SourceHead()])
        let next = try ArchiveWriter(home: archive)
        #expect(try next.head(of: made[0].source) == SourceHead())
        #expect(try next.heads(since: .epoch).map(\.value.head) == [SourceHead()])
        #expect(try next.store(arrivals(made), now: Self.now).appended == 300)
        #expect(try events(of: made))
        #expect(try Verification(of: ArchiveReader(home: archive)).batches == 300)
    }

    @Test func aTransactionTakesGoodAndBadTogether() throws {
        let writer = try ArchiveWriter(home: archive)
        let made = batches(5)
        let report = try writer.store(
            arrivals(Array(made[0..<3])) + [.refused([1, 2, 3], reason: "body: no batch")]
                + arrivals([made[4], made[0]]), now: Self.now)
        #expect(report.appended == 3)
        #expect(report.quarantined == 1)
        #expect(report.waiting == 1)
        #expect(report.duplicates == 1)
        #expect(
            report.heads == [
                made[0].source: KnownHead(
                    user: "alice", session: made[0].session, head: SourceHead(seq: 3, hash: made[2].hash))
            ])
    }

    @Test func aSourceAndASessionStayTheirOwners() throws {
        let writer = try ArchiveWriter(home: archive)
        let made = batches(3)
        _ = try writer.store(arrivals([made[0]]), now: Self.now)
        #expect(try writer.store(arrivals([made[1]], user: "mallory"), now: Self.now).quarantined == 1)
        let other = BatchCodec.encode(
            source: .make(at: Self.now), session: made[0].session, seq: 1, previous: nil,
            events: [(Self.now, Event(.marker(Marker())))])
        #expect(try writer.store(arrivals([other], user: "mallory"), now: Self.now).quarantined == 1)
        #expect(try writer.store(arrivals(Array(made[1...])), now: Self.now).appended == 2)
        #expect(try ArchiveReader(home: archive).sources().map(\.user) == ["alice"])
    }

    @Test func sealedBlocksAreTakenAsTheyAreAndOverWhatIsThere() throws {
        let made = batches(300)
        let writer = try ArchiveWriter(home: archive)
        _ = try writer.store(arrivals(Array(made[0..<150])), now: Self.now)
        let report = try writer.store([block(of: made)], now: Self.now)
        #expect(report.appended == 150)
        #expect(try writer.store([block(of: made)], now: Self.now).duplicates == 1)
        #expect(try events(of: made))
        #expect(try Verification(of: ArchiveReader(home: archive)).batches == 300)
    }

    @Test func blocksThatArePartedElsewhereGiveWhatIsNew() throws {
        let made = batches(400)
        let writer = try ArchiveWriter(home: archive)
        _ = try writer.store([block(of: Array(made[0..<200]))], now: Self.now)
        let report = try writer.store(
            [block(of: Array(made[100..<300])), block(of: Array(made[300..<400]))], now: Self.now)
        #expect(report.appended == 200)
        #expect(report.conflicts == 0)
        #expect(try events(of: made))
        #expect(try Verification(of: ArchiveReader(home: archive)).batches == 400)
    }

    @Test func aBlockOfAnotherHistoryIsAConflict() throws {
        let made = batches(100)
        let writer = try ArchiveWriter(home: archive)
        _ = try writer.store(arrivals(Array(made[0..<50])), now: Self.now)
        var other = [made[0]]
        for seq in 2...100 {
            other.append(
                BatchCodec.encode(
                    source: made[0].source, session: made[0].session, seq: UInt64(seq), previous: other.last?.hash,
                    events: [(Self.now, Event(.marker(Marker())))]))
        }
        #expect(try writer.store([block(of: other)], now: Self.now).conflicts == 1)
        #expect(try writer.store(arrivals(Array(made[50...])), now: Self.now).appended == 50)
        #expect(try events(of: made))
    }

    @Test func whatIsLostCountsAsPresent() throws {
        let made = batches(20)
        let writer = try ArchiveWriter(home: archive)
        let range = LostRange(
            source: made[0].source, session: made[0].session, seqs: 4...9, lastHash: made[8].hash)
        _ = try writer.store(arrivals(Array(made[0..<3]) + Array(made[9...])), now: Self.now)
        #expect(try writer.head(of: made[0].source).seq == 3)
        let report = try writer.store([.lost(range, kind: .editor, user: "alice")], now: Self.now)
        #expect(report.heads[made[0].source]?.head.seq == 20)
        #expect(
            try Verification(of: ArchiveReader(home: archive)).findings.filter { $0.reason.contains("missing") }.isEmpty
        )
    }

    @Test func theIdentityIsMintedOnce() throws {
        let first = try ArchiveWriter(home: archive).identity()
        #expect(try ArchiveWriter(home: archive).identity() == first)
    }

    @Test func theHeadsOfTheLastHourAreRepeated() throws {
        let writer = try ArchiveWriter(home: archive)
        let made = batches(2)
        _ = try writer.store(arrivals(made), now: Self.now)
        #expect(try writer.heads(since: Self.now - .seconds(3600)).keys.map(\.self) == [made[0].source])
        #expect(try writer.heads(since: Self.now + .seconds(1)).isEmpty)
    }
}
