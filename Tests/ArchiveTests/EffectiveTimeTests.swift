import Archive
import EventSchema
import TestSupport
import Testing

@Suite struct EffectiveTimeTests {
    private func repair(_ seconds: [Int64]) -> [Int64] {
        let base = EffectiveTime.earliest + .seconds(1_000_000)
        let stamps = seconds.map { $0 < 0 ? RecordTime.epoch : base + .seconds($0) }
        return EffectiveTime.repair(stamps).map { ($0 - base).components.seconds }
    }

    @Test(arguments: [
        ([0, 5, 9], [0, 5, 9]), ([10, 0, 9, 11], [10, 10, 10, 11]),  // a small step back holds
        ([100, 0, 1, 7, 99, 100, 120], [100, 100, 101, 107, 199, 200, 220]),  // a large one carries on
        ([100, 0, 1, 150, 151], [100, 100, 101, 150, 151]),  // until caught up
        ([100, 0, 50, 20, 21], [100, 100, 150, 150, 150]),  // a small step back inside
        ([1000, 0, 500, 10, 11], [1000, 1000, 1500, 1500, 1501]),  // a large one inside
        ([-1, -1, 3, -1, 8], [3, 3, 3, 8, 8]), ([5, -1], [5, 5]), ([60, 0], [60, 60]), ([61, 0, 1], [61, 61, 62]),
    ])
    func repairs(stamps: [Int64], times: [Int64]) { #expect(repair(stamps) == times) }

    @Test func neverGoesBackNorLeavesTheCalendar() {
        var values = RandomValues(seed: 61)
        for _ in 0..<2000 {
            let times = EffectiveTime.repair((0..<20).map { _ in RecordTime(microseconds: values.signed64()) })
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
            #expect(times.allSatisfy { $0 >= EffectiveTime.earliest && $0 <= EffectiveTime.latest })
        }
    }
}
