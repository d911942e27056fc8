import Capture
import EventSchema
import Testing

@Suite struct WithholdingSinkTests {
    @Test func nothingPassesInAPauseButThePauseItself() {
        let sink = CollectingSink()
        let withholding = WithholdingSink(sink)
        let time = RecordTime(milliseconds: 1_790_000_000_000)
        withholding.set(paused: false, at: time)
        withholding.record(.marker(Marker()), at: time)
        withholding.set(paused: true, at: time)
        withholding.set(paused: true, at: time)
        withholding.record(.edit(Edit()), at: time)
        withholding.record(.edit(Edit()), at: time)
        #expect(withholding.withheld == 2)
        withholding.set(paused: false, at: time)
        withholding.record(.marker(Marker()), at: time)
        let kinds = sink.bodies.map { body in
            switch body {
            case .marker: "marker"
            case .paused(let paused): "paused \(paused.reason)"
            case .resumed: "resumed"
            default: "other"
            }
        }
        #expect(kinds == ["marker", "paused asked", "resumed", "marker"])
    }
}
