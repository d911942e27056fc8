import Archive
import EventSchema
import Foundation
import Model

/// The text at any moment of 260,000 edits, the read from SQLite included.
struct EditSeek: Row {
    let name = "seek"
    let title = "seek anywhere in 260k edits"
    let goal = "p99 ≤ 1 ms warm"

    func measure(_ lab: Lab) throws -> [Line] {
        let trace =
            lab.smoke
            ? EditingTrace(keystrokes: 3000)
            : try EditingTrace(
                joining: ["sveltecomponent", "clownschool_flat"].map {
                    try EditingTrace(json: lab.open("editing/\($0).json.gz"))
                },
                upTo: 260_000)
        let typed = TypedSource(trace)
        let bed = try Bed(lab.scraps.appending(path: "seek"))
        try bed.append(typed.batches)
        let keyframes = try bed.seal(typed.source)

        let count = lab.smoke ? 20 : 2000
        var spread = Spread()
        var (cold, warm) = (Times(), Times())
        let times = (0..<count).map { _ in typed.batches[spread.next(below: typed.batches.count)].endTime }
        for time in times.prefix(lab.smoke ? 5 : 400) {
            let reader = try ArchiveReader(home: bed.home)
            _ = try cold.measure { try reader.state(of: typed.source, at: time, lanes: .documents) }
        }
        for time in times { _ = try bed.reader.state(of: typed.source, at: time, lanes: .documents) }
        for time in times.reversed() {
            _ = try warm.measure { try bed.reader.state(of: typed.source, at: time, lanes: .documents) }
        }
        let end = try bed.reader.state(of: typed.source, at: .distantFuture, lanes: .documents)
        guard end.documents[1]?.text.bytes == trace.endContent else {
            throw NotMeasured(reason: "another text came out")
        }

        let file = lab.scraps.appending(path: "seek.json")
        try Data(trace.json).write(to: file)
        let peer = try lab.peer("seek.py", file.path(), lab.smoke ? "3" : "100")
        func loro(_ name: String) -> [(name: String, figure: Figure)] {
            peer[name]?.double.map { [("loro checkout", Figure(value: $0, unit: "ms"))] } ?? []
        }
        let what = "seek in \(trace.count) edits (\(keyframes) keyframes)"
        return [
            Line(
                what: what + ", reader in use, p50", ours: Figure(value: warm.p50, unit: "ms"), peers: loro("p50"),
                moreIsBetter: false, goal: "", reached: nil),
            Line(
                what: what + ", reader in use, p99", ours: Figure(value: warm.p99, unit: "ms"), peers: loro("p99"),
                moreIsBetter: false, goal: goal, reached: lab.smoke ? nil : warm.p99 <= 1),
            Line(
                what: what + ", reader just opened, p99 (p50 \(Figure.short(cold.p50)) ms)",
                ours: Figure(value: cold.p99, unit: "ms"), peers: loro("p99"), moreIsBetter: false, goal: "",
                reached: nil),
        ]
    }
}
