import Archive
import Delivery
import EventSchema
import Foundation

/// From the call of `append` at the publisher until the edit is in the index of the team's archive.
struct Searchable: Row {
    let name = "searchable"
    let title = "append at the publisher until it is in the team's index"
    let goal = ""

    func measure(_ lab: Lab) throws -> [Line] {
        let count = lab.smoke ? 200 : 6_000
        let rate = 200.0
        let stage = try BrokerStage(lab, users: ["ada"])
        defer { stage.end() }
        let pair = try PublishingPair(lab, stage, rate: rate, count: count)
        defer { pair.kill() }
        let home = ArchiveHome(pair.team, of: .team)
        pair.begin()
        // When the first so many edits were seen.
        var seen: [UInt64] = []
        let edits = count - 10
        let deadline = ContinuousClock.now + .seconds(Double(count) / rate + 30)
        while seen.count < edits, .now < deadline {
            let now = try ArchiveReader(home: home).sessions().reduce(0) { $0 + $1.edits }
            let time = monotonicNanoseconds()
            while seen.count < now { seen.append(time) }
            Thread.sleep(forTimeInterval: 0.001)
        }
        _ = try pair.publisher.next("late")
        let times = try [UInt8](Data(contentsOf: pair.own.appending(path: "appended")))
        pair.end()
        guard seen.count == edits, times.count == 8 * count else {
            throw NotMeasured(reason: "only \(seen.count) of \(edits) edits are in the index")
        }
        // The first ten batches open the documents.
        let delays = seen.enumerated().map { number, time in
            let bytes = times[(8 * (number + 10))..<(8 * (number + 11))]
            let appended = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return (Double(time) - Double(appended)) / 1e6
        }.sorted()
        func line(_ part: Double, _ name: String) -> Line {
            Line(
                what: "\(title), \(Int(rate)) edits/s, \(name)",
                ours: Figure(value: delays[min(delays.count - 1, Int(Double(delays.count) * part))], unit: "ms"),
                peers: [], moreIsBetter: false, goal: goal, reached: nil)
        }
        return [line(0.5, "p50"), line(0.99, "p99")]
    }
}
