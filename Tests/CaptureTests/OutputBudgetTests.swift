import EventSchema
import TestSupport
import Testing

@testable import Capture

@Suite struct OutputBudgetTests {
    @Test func keepsFirstAndLast() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let limit = OutputBudget.Limit(
                first: Int.random(in: 0...50, using: &random), last: Int.random(in: 0...30, using: &random))
            var budget = OutputBudget(limit)
            let all = (0..<Int.random(in: 0...200, using: &random)).map { UInt8(truncatingIfNeeded: $0) }
            var recorded: [UInt8] = []
            var dropped: [UInt8] = []
            var start = 0
            while start < all.count {
                let end = min(all.count, start + Int.random(in: 1...40, using: &random))
                let (record, drop) = budget.add(.init(all[start..<end], at: RecordTime(microseconds: Int64(start))))
                recorded += record
                dropped += drop.joined()
                start = end
            }
            #expect(recorded == Array(all.prefix(limit.first)), "seed \(seed)")
            let (gap, tail) = budget.end()
            #expect(recorded + dropped + tail.flatMap { Array($0.bytes) } == all, "seed \(seed)")
            #expect(gap?.bytes ?? 0 == UInt64(max(0, all.count - limit.first - limit.last)), "seed \(seed)")
            #expect(budget.held == 0)
        }
    }

    @Test func offKeepsAll() {
        var budget = OutputBudget(nil)
        let bytes = [UInt8](repeating: 1, count: 100_000)
        #expect(budget.add(.init(bytes[...], at: .epoch)).record == bytes[...])
        #expect(budget.end().gap == nil)
    }
}
