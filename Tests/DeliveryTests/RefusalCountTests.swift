import Logging
import Testing

@testable import Delivery

@Suite struct RefusalCountTests {
    @Test func aFloodIsALineOfEachKind() {
        var count = RefusalCount()
        for number in 0..<5000 {
            count.take(MessageRefusal(.body, "no batch \(number)"), key: String(repeating: "k", count: number))
            if number % 1000 == 0 { count.take(MessageRefusal(.user, "nobody"), key: "u") }
        }
        let lines = count.lines()
        #expect(lines.map { $0["count"]?.description } == ["5000", "5"])
        #expect(lines.first?["why"]?.description == "body: no batch 0", "the first of its kind")
        #expect(count.lines().isEmpty, "told once")
        count.take(MessageRefusal(.key, "none"), key: String(repeating: "k", count: 100_000))
        #expect(count.lines().allSatisfy { ($0["key"]?.description.count ?? 0) <= 200 })
    }
}
