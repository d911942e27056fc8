import EventSchema
import TestSupport
import Testing

@Suite struct IdentifierTests {
    @Test func everyIdentifierComesBack() {
        var values = RandomValues(seed: 41)
        for _ in 0..<2000 {
            let time = values.time()
            let identifier = Identifier.make(at: time, using: &values.generator)
            #expect(Identifier(bytes: identifier.bytes) == identifier)
            #expect(Identifier(identifier.description) == identifier)
            #expect(identifier.time == time.wholeMilliseconds)
            #expect(identifier.bytes[6] >> 4 == 7 && identifier.bytes[8] >> 6 == 2, "version 7, variant 2")
            #expect(identifier.short.count == 12 && identifier.short.allSatisfy { !"ilou".contains($0) })
        }
    }

    @Test func laterOnesSortLater() {
        var values = RandomValues(seed: 42)
        for _ in 0..<500 {
            let time = values.time()
            let first = Identifier.make(at: time, using: &values.generator)
            let second = Identifier.make(at: time + .milliseconds(1), using: &values.generator)
            #expect(first < second)
        }
    }

    @Test func shortOnesTellApartSessionsOfOneMoment() {
        let time = RecordTime(milliseconds: 1_789_000_000_000)
        var generator = SeededGenerator(seed: 43)
        let shorts = Set((0..<1000).map { _ in SessionID(Identifier.make(at: time, using: &generator)).short })
        #expect(shorts.count == 1000)
    }

    @Test func refusesOthers() {
        #expect(Identifier("") == nil)
        #expect(Identifier("01997c3e-0000-7000-8000-00000000000") == nil)
        #expect(Identifier("0199zc3e-0000-7000-8000-000000000000") == nil)
        #expect(Identifier(bytes: [1, 2, 3]) == nil)
    }
}
