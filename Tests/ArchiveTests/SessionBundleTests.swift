import Archive
import EventSchema
import Foundation
import TestSupport
import Testing

/// A bundle's file: written and read part by part, and refused with the place where it is damaged.
@Suite struct SessionBundleTests {
    let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    /// A bundle of two sources, one of them sealed in part.
    private func bundle() throws -> (bytes: [UInt8], batches: [[CheckedBatch]]) {
        let archive = ArchiveHome(home.file("home"))
        let writer = try ArchiveWriter(home: archive)
        let reader = try ArchiveReader(home: archive)
        var all: [[CheckedBatch]] = []
        for seed in [7, 8] as [UInt64] {
            var chain = RandomChain(seed: seed)
            let batches = chain.batches(300)
            _ = try writer.append(batches, user: "tester", now: .epoch)
            all.append(batches)
        }
        _ = try SealJob(reader: reader).seal(all[0][0].source, isComplete: true) { (id, block) throws(ArchiveError) in
            try writer.swapIn(block, of: id)
        }
        var bytes: [UInt8] = []
        var bundle = SessionBundleWriter { bytes += $0 }
        try bundle.write(all.map { $0[0].session }, of: reader)
        return (bytes, all)
    }

    private func read(_ bytes: [UInt8]) throws -> SessionBundle {
        let file = home.file("x.playhead")
        try Data(bytes).write(to: file)
        return try SessionBundle(file: file, name: "x.playhead")
    }

    @Test func whatWasWrittenIsRead() throws {
        let (bytes, batches) = try bundle()
        let bundle = try read(bytes)
        #expect(bundle.sources.map(\.id) == batches.map { $0[0].source })
        #expect(bundle.sources.map(\.lastSeq) == [300, 300])
        #expect(bundle.sessions == batches.map { $0[0].session })
        var events: [SourceID: [TimedEvent]] = [:]
        try bundle.forEachPart { part in
            guard let source = part.body.timedEvents.first?.address.source else { return }
            events[source, default: []] += part.body.timedEvents
        }
        for source in batches { #expect(events[source[0].source] == source.flatMap(\.timedEvents)) }
    }

    /// The places of the records of a sound file.
    private func records(_ bytes: [UInt8]) -> [Int] {
        var places: [Int] = []
        var place = 9
        while place < bytes.count {
            places.append(place)
            place += 5 + bytes[(place + 1)..<(place + 5)].reduce(0) { $0 << 8 | Int($1) }
        }
        return places
    }

    /// The file with its hash put right.
    private func resealed(_ bytes: [UInt8], end: Int) -> [UInt8] {
        Array(bytes[..<(end + 5)]) + ContentHash(of: bytes[..<end]).bytes
    }

    @Test func damageIsRefusedWithItsPlaceAndReason() throws {
        let (bytes, _) = try bundle()
        let places = records(bytes)
        let end = try #require(places.last)
        func expect(_ bytes: [UInt8], _ message: String) throws {
            let error = try #require(throws: ImportError.self) { try read(bytes) }
            #expect(error.description == "x.playhead: \(message)")
        }
        try expect([], "damaged at byte 0: not a Playhead bundle")
        try expect(Array(bytes[..<9]), "damaged at byte 9: it ends in its first line")
        try expect(Array(bytes[..<(places[3] + 3)]), "damaged at byte \(places[3]): it ends before its last record")
        try expect(Array(bytes[..<(places[3] - 1)]), "damaged at byte \(places[2]): a record is cut off")
        try expect(bytes + [1], "damaged at byte \(bytes.count): more after its end")
        var changed = bytes
        changed[8] = 9
        try expect(changed, "a bundle of version 9; this program knows 1")
        changed = bytes
        changed[places[2]] = UInt8(ascii: "q")
        try expect(changed, "damaged at byte \(places[2]): a record of unknown kind 113")
        changed = bytes
        changed[places[2] + 40] ^= 1
        try expect(changed, "damaged at byte \(end): its content is not what was written")

        let error = try #require(throws: ImportError.self) { try read(resealed(changed, end: end)) }
        #expect(error.description.hasPrefix("x.playhead: damaged at byte \(places[2]): "), "\(error)")
        let without = Array(bytes[..<places[4]] + bytes[places[5]...])
        let gap = places[5] - places[4]
        try expect(
            resealed(without, end: end - gap), "damaged at byte \(places[4]): a block does not follow the one before it"
        )
    }

    @Test func everyCutAndEveryFlippedByteIsRefused() throws {
        let (bytes, _) = try bundle()
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<300 {
            var damaged = bytes
            if Bool.random(using: &generator) {
                damaged.removeLast(Int.random(in: 1..<bytes.count, using: &generator))
            } else {
                damaged[Int.random(in: bytes.indices, using: &generator)] ^= UInt8.random(
                    in: 1...255, using: &generator)
            }
            #expect(throws: ImportError.self) { try read(damaged) }
        }
    }
}
