import Archive
import EventSchema
import Foundation
import GRDB
import TestSupport
import Testing

/// Sealing goes in small steps; after each of them the archive holds every batch once.
@Suite struct SealStepsTests {
    let home: TemporaryHome
    let archive: ArchiveHome

    init() throws {
        home = try TemporaryHome()
        archive = ArchiveHome(home.file("home"))
    }

    private func filled(_ count: Int) throws -> (ArchiveWriter, ArchiveReader, [CheckedBatch]) {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seal steps: seed \(seed)")
        var chain = RandomChain(seed: seed)
        chain.stepsBack = false
        let batches = chain.batches(count)
        let writer = try ArchiveWriter(home: archive)
        for start in stride(from: 0, to: count, by: 500) {
            _ = try writer.append(Array(batches[start..<min(start + 500, count)]), user: "tester", now: .epoch)
        }
        return (writer, try ArchiveReader(home: archive), batches)
    }

    /// How many rows a source has, and how many batches they hold.
    private func rows() throws -> (count: Int, batches: Int) {
        let queue = try DatabaseQueue(path: archive.archive.path)
        return try queue.read { db in
            let row = try Row.fetchOne(db, sql: "SELECT count(*) n, total(last - first + 1) b FROM blocks")
            let batches: Double = row?["b"] ?? 0
            return (row?["n"] ?? 0, Int(batches))
        }
    }

    @Test func everyStepIsSmallAndLeavesEveryBatchOnce() throws {
        let (writer, reader, batches) = try filled(1000)
        let source = batches[0].source
        let events = try reader.events(of: source)
        let findings = try Verification(of: reader).findings
        var before = try rows().count
        var steps = 0
        let sealed = try SealJob(reader: reader).seal(source, isComplete: true) { (id, block) throws(ArchiveError) in
            try writer.swapIn(block, of: id)
            steps += 1
            guard let now = try? rows(), let read = try? reader.events(of: source) else { return }
            #expect(before - now.count <= 64, "a step takes few rows away")
            #expect(now.batches == batches.count)
            #expect(read == events)
            before = now.count
        }
        #expect(sealed > 500)
        #expect(steps > 10)
        #expect(try rows().count < 500, "only batches that cannot be sealed stay alone")
        // Random events save texts that nobody had; sealing adds nothing to that.
        #expect(
            try Verification(of: reader).findings.filter { finding in !findings.contains { $0.reason == finding.reason }
            }.isEmpty)
    }

    @Test func aJobThatWasBrokenOffLeavesASoundArchive() throws {
        let (writer, reader, batches) = try filled(2000)
        let source = batches[0].source
        let events = try reader.events(of: source)
        var left = 5
        _ = try? SealJob(reader: reader).seal(source, isComplete: true) { (id, block) throws(ArchiveError) in
            left -= 1
            guard left > 0 else { throw ArchiveError(.failed, "broken off") }
            try writer.swapIn(block, of: id)
        }
        #expect(try reader.events(of: source) == events)
        _ = try SealJob(reader: reader).seal(source, isComplete: true) { (id, block) throws(ArchiveError) in
            try writer.swapIn(block, of: id)
        }
        #expect(try reader.events(of: source) == events)
        #expect(try rows().batches == batches.count)
    }

    @Test func rowsThatChangedAreNotSwapped() throws {
        let (writer, _, batches) = try filled(400)
        let whole = try #require(try Sealer().seal(Array(batches.prefix { SealedBlockCodec.canSeal($0) })))
        try writer.remove(batches[0].session)
        #expect(throws: ArchiveError.self) { try writer.swapIn(whole, of: batches[0].source) }
    }
}
