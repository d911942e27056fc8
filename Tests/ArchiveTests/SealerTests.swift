import Archive
import EventSchema
import Foundation
import Model
import TestSupport
import Testing

@Suite struct SealerTests {
    private func rows(_ edits: [Int], output: [Int]? = nil, firstSeq: UInt64 = 1) -> [SealPlan.Row] {
        edits.enumerated().map { index, edits in
            SealPlan.Row(
                seq: firstSeq + UInt64(index), isSealable: true, events: max(edits, 1), edits: edits,
                outputBytes: output?[index] ?? 0, bytes: 100)
        }
    }

    @Test func blocksEndWhereTheyAreFull() {
        let full = SealPlan(rows: rows(Array(repeating: 1, count: 40_000)), isComplete: false)
        #expect(full.blocks == [1...16_384, 16_385...32_768])
        let complete = SealPlan(rows: rows(Array(repeating: 1, count: 40_000)), isComplete: true)
        #expect(complete.blocks == [1...16_384, 16_385...32_768, 32_769...40_000])
        #expect(SealPlan(rows: rows([20_000, 1, 1]), isComplete: true).blocks == [1...1, 2...3])
        let output = SealPlan(
            rows: rows([0, 0, 0, 0], output: [100 << 10, 100 << 10, 100 << 10, 1]), isComplete: false)
        #expect(output.blocks == [1...2])
        #expect(SealPlan(rows: [], isComplete: true).blocks.isEmpty)
    }

    @Test func rowsAboveTheWatermarkStay() {
        let rows = rows(Array(repeating: 1, count: 20_000))
        #expect(SealPlan(rows: rows, watermark: 17_000, isComplete: true).blocks == [1...16_384])
        #expect(SealPlan(rows: rows, watermark: 0, isComplete: true).blocks.isEmpty)
    }

    @Test func rowsThatCannotBeSealedPartTheBlocks() {
        var rows = rows([1, 1, 1, 1, 1], firstSeq: 10)
        rows[2].isSealable = false
        #expect(SealPlan(rows: rows, isComplete: false).blocks == [10...11])
        #expect(SealPlan(rows: rows, isComplete: true).blocks == [10...11, 13...14])
        rows.remove(at: 2)
        #expect(SealPlan(rows: rows, isComplete: false).blocks == [10...11])
        rows[3].isSealable = false
        #expect(SealPlan(rows: rows, isComplete: true).blocks == [10...11, 13...13])
    }

    @Test func bodiesComeBack() throws {
        var chain = RandomChain(seed: 21)
        let batches = chain.batches(400)
        let (sealer, unpacker) = (try Sealer(), try ZstdDecompressor())
        let block = try #require(try sealer.seal(batches))
        #expect(BlockBody.isSealed(block.body))
        let body = try BlockBody(stored: block.body, with: unpacker)
        #expect(body.timedEvents == batches.flatMap(\.timedEvents))
        #expect(body.seqs == 1...400 && block.seqs == 1...400)
        #expect(body.lastHash == batches.last?.hash)
        let raw = BlockBody.stored(batches[3])
        #expect(!BlockBody.isSealed(raw))
        #expect(try BlockBody(stored: raw, with: unpacker).timedEvents == batches[3].timedEvents)
        for wrong in [[], [7], [0], [1], Array(block.body.dropLast()), [0] + block.body.dropFirst()] as [[UInt8]] {
            #expect(throws: SealingError.self) { try BlockBody(stored: wrong, with: unpacker) }
        }
        #expect(throws: SealingError.self) { try sealer.seal([batches[0], batches[2]]) }
    }

    @Test func keyframesChainAndBeginAnew() throws {
        let codec = try KeyframeCodec()
        var generator = SeededGenerator(seed: 2)
        var text = (0..<20_000).map { _ in UInt8.random(in: 32..<127, using: &generator) }
        var stored: [[UInt8]] = []
        var states: [[UInt8]] = []
        for _ in 0..<20 {
            text.replaceSubrange(500..<505, with: (0..<9).map { _ in UInt8.random(in: 32..<127, using: &generator) })
            let previous = try zip(states, stored).suffix(1).map { ($0, try KeyframeCodec.chainPosition(of: $1)) }.first
            stored.append(try codec.encode(state: text, after: previous.map { (state: $0.0, position: $0.1) }))
            states.append(text)
        }
        let positions = try stored.map { try KeyframeCodec.chainPosition(of: $0) }
        #expect(positions == (0..<20).map { $0 % KeyframeCodec.chainLength })
        for (index, position) in positions.enumerated() {
            #expect(try codec.decode(chain: Array(stored[(index - position)...index])) == states[index])
            if position > 0 { #expect(stored[index].count < 200) }
        }
        #expect(throws: SealingError.self) { try codec.decode(chain: [stored[1]]) }
        #expect(throws: SealingError.self) { try codec.decode(chain: []) }
        #expect(throws: SealingError.self) { try codec.decode(chain: [stored[0], stored[2]]) }
        #expect(throws: SealingError.self) { try codec.decode(chain: [stored[8], stored[1]]) }
        let large = [UInt8](repeating: 1, count: KeyframeCodec.largestChained + 1)
        let full = try codec.encode(state: large, after: (state: large, position: 0))
        #expect(try KeyframeCodec.chainPosition(of: full) == 0)
    }

    @Test func aKeyframeIsDueAfterEnoughWork() {
        var policy = KeyframePolicy()
        let due = [KeyframePolicy.edits - 1, 1, 1].map { policy.isDue(edits: $0, outputBytes: 0) }
        #expect(due == [false, true, false])
    }
}
