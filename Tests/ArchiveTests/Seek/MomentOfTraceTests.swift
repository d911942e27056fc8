import Archive
import EventSchema
import Foundation
import Model
import TestSupport
import Testing

/// The text at a moment is the trace's own prefix with effective time ≤ that moment, worked out here by hand.
@Suite struct MomentOfTraceTests {
    /// 25 moments of each of the four traces.
    @Test(arguments: EditingTrace.names) func aHundredRandomMoments(name: String) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let home = try TemporaryHome()
        let archive = ArchiveHome(home.url)
        let writer = try ArchiveWriter(home: archive)
        let input = try ImportInput(openData: "open/editing/\(name).json.gz")
        let session = try #require(try Importer.read([input]).first)
        let source = try #require(session.sources.max { $0.events.count < $1.events.count })
        _ = try writer.append(source.batches(session: session.id, user: "tester"), user: "tester", now: .epoch)
        let reader = try ArchiveReader(home: archive)
        _ = try SealJob(reader: reader).seal(source.id, isComplete: true) { (id, block) throws(ArchiveError) in
            try writer.swapIn(block, of: id)
        }

        let trace = try EditingTrace(name)
        let moments = try (0..<25).map { _ in
            try #require(trace.patches.randomElement(using: &generator)).time
                .advanced(by: Int64.random(in: -1_500_000...1_500_000, using: &generator))
        }.sorted()
        var text = trace.start
        var next = 0
        for moment in moments {
            while next < trace.patches.count, trace.patches[next].time <= moment {
                let patch = trace.patches[next]
                text.replaceSubrange(patch.offset..<(patch.offset + patch.removed), with: patch.inserted)
                next += 1
            }
            let state = try reader.state(of: source.id, at: moment, lanes: .documents)
            #expect(
                state.documents.values.first?.text.bytes ?? trace.start == text, "at \(moment.rfc3339), seed \(seed)")
        }
    }
}
