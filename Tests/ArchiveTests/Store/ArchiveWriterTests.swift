import Archive
import EventSchema
import Foundation
import TestSupport
import Testing

/// What an archive does with batches that come in every order, twice, altered, or not at all.
@Suite struct ArchiveWriterTests {
    let home: TemporaryHome
    let archive: ArchiveHome

    init() throws {
        home = try TemporaryHome()
        archive = ArchiveHome(home.file("home"))
    }

    private static let now = RecordTime(milliseconds: 1_790_000_000_000)

    /// A source of `count` batches of edits.
    private func batches(_ count: Int, session: SessionID = .make(at: now)) -> [CheckedBatch] {
        let source = SourceID.make(at: Self.now)
        var made: [CheckedBatch] = []
        for number in 0..<count {
            var edit = Edit()
            edit.document = 1
            edit.offset = 0
            edit.inserted = Data("x\(number)".utf8)
            var opened = DocumentOpened()
            opened.document = 1
            opened.path = Data("a.txt".utf8)
            let event = number == 0 ? Event(.documentOpened(opened)) : Event(.edit(edit))
            made.append(
                BatchCodec.encode(
                    source: source, session: session, seq: UInt64(number + 1), previous: made.last?.hash,
                    events: [(Self.now + .milliseconds(number), event)]))
        }
        return made
    }

    private func append(_ batches: [CheckedBatch], to writer: ArchiveWriter) throws -> [AppendOutcome] {
        try writer.append(batches, user: "tester", now: Self.now)
    }

    @Test func whatIsAcceptedIsThereOnceInOrder() throws {
        let writer = try ArchiveWriter(home: archive)
        let made = batches(20)
        #expect(try append(made, to: writer).allSatisfy { $0 == .accepted })
        #expect(try append(made, to: writer).allSatisfy { $0 == .accepted }, "a duplicate is accepted, and dropped")
        let reader = try ArchiveReader(home: archive)
        #expect(try reader.events(of: made[0].source) == made.flatMap(\.timedEvents))
        #expect(try writer.head(of: made[0].source) == SourceHead(seq: 20, hash: made[19].hash))
    }

    @Test func batchesInAnyOrderEndTheSame() throws {
        var generator = SeededGenerator(seed: .random(in: 0...UInt64.max))
        let writer = try ArchiveWriter(home: archive)
        let made = batches(60)
        for batch in made.shuffled(using: &generator) { _ = try append([batch], to: writer) }
        let reader = try ArchiveReader(home: archive)
        #expect(try reader.events(of: made[0].source) == made.flatMap(\.timedEvents))
    }

    @Test func anotherPredecessorIsRefusedAndNoted() throws {
        let writer = try ArchiveWriter(home: archive)
        let made = batches(3)
        _ = try append(Array(made[0..<2]), to: writer)
        let forged = BatchCodec.encode(
            source: made[0].source, session: made[0].session, seq: 3, previous: made[0].hash,
            events: [(Self.now, Event(.marker(Marker())))])
        #expect(try append([forged], to: writer) == [.conflict])
        #expect(try append([made[2]], to: writer) == [.accepted], "the true one still goes on")
        let stats = try statistics()
        #expect(stats.conflicts == 1)
        #expect(!(try Data(contentsOf: archive.archive)).contains(Data(forged.encoded)), "nothing of its body is kept")
    }

    @Test func aSourceStaysInItsSession() throws {
        let writer = try ArchiveWriter(home: archive)
        let made = batches(2)
        _ = try append([made[0]], to: writer)
        let moved = BatchCodec.encode(
            source: made[0].source, session: .make(at: Self.now), seq: 2, previous: made[0].hash,
            events: [(Self.now, Event(.marker(Marker())))])
        #expect(try append([moved], to: writer) == [.conflict])
    }

    @Test func afterSealingEverythingSentAgainChangesNothing() throws {
        var generator = SeededGenerator(seed: .random(in: 0...UInt64.max))
        let writer = try ArchiveWriter(home: archive)
        let made = batches(400)
        _ = try append(made, to: writer)
        let reader = try ArchiveReader(home: archive)
        let before = try reader.events(of: made[0].source)
        let sealed = try SealJob(reader: reader).seal(made[0].source, isComplete: true) {
            (id, block) throws(ArchiveError) in
            try writer.swapIn(block, of: id)
        }
        #expect(sealed == 400)
        for (number, batch) in made.shuffled(using: &generator).enumerated() {
            var bytes = batch.encoded
            if number % 100 == 0 { bytes[Int.random(in: bytes.indices, using: &generator)] ^= 1 }
            if let arrived = try? BatchCodec.decode(bytes) { _ = try append([arrived], to: writer) }
        }
        #expect(try reader.events(of: made[0].source) == before)
        #expect(before == made.flatMap(\.timedEvents))
        for place in before.indices {
            let address = before[place].address
            let rest = try reader.events(of: made[0].source, from: address.seq, index: address.index)
            #expect(rest == Array(before[place...]), "a reader that resumes gets exactly the rest")
        }
        #expect(try Verification(of: reader).findings.isEmpty)
    }

    @Test func removedIsGoneFromEveryFile() throws {
        let writer = try ArchiveWriter(home: archive)
        let session = SessionID.make(at: Self.now)
        let source = SourceID.make(at: Self.now)
        var note = Note()
        note.id = "n1"
        note.text = "a sentence that nobody must find again"
        let batch = BatchCodec.encode(
            source: source, session: session, seq: 1, previous: nil, events: [(Self.now, Event(.note(note)))])
        _ = try append([batch] + batches(30), to: writer)
        let index = try IndexProjector(home: archive)
        try index.catchUp()
        try writer.remove(session)
        try index.remove(session)
        for name in try FileManager.default.contentsOfDirectory(atPath: archive.directory.path) {
            let bytes = try Data(contentsOf: archive.directory.appendingPathComponent(name))
            #expect(bytes.range(of: Data("nobody must find".utf8)) == nil, "found in \(name)")
        }
        #expect(throws: ArchiveError.self) { try writer.remove(session) }
        #expect(try Verification(of: ArchiveReader(home: archive)).findings.isEmpty)
    }

    @Test func anArchiveThatGrowsIsSound() throws {
        let writer = try ArchiveWriter(home: archive)
        let made = batches(40)
        _ = try append(batches(1), to: writer)
        _ = try append(Array(made[0..<20]), to: writer)
        // The list of sources is read before their rows: more arrives between the two.
        let reader = try ArchiveReader(home: archive)
        var rest = made.dropFirst(20)
        let verification = try Verification(of: reader) { _, _ in
            guard let next = rest.popFirst() else { return }
            _ = try? append([next], to: writer)
        }
        #expect(verification.findings.isEmpty)
        #expect(verification.sources == 2)
    }

    @Test func aDamagedBodyIsFound() throws {
        let writer = try ArchiveWriter(home: archive)
        let made = batches(10)
        _ = try append(made, to: writer)
        try writer.compact()
        var bytes = try Data(contentsOf: archive.archive)
        let place = try #require(bytes.range(of: Data("x7".utf8)))
        bytes[place.lowerBound] = UInt8(ascii: "y")
        try bytes.write(to: archive.archive)
        let findings = try Verification(of: ArchiveReader(home: archive)).findings
        #expect(findings.contains { $0.seq == 9 && $0.reason.contains("another batch before it") })
    }

    private func statistics() throws -> ArchiveStatistics {
        try IndexProjector(home: archive).catchUp()
        return try ArchiveStatistics(of: ArchiveReader(home: archive), home: archive)
    }
}
