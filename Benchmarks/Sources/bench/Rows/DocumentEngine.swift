import EventSchema
import Foundation
import Model

/// Edits of a recorded session applied to a text.
struct DocumentEngine: Row {
    let name = "document"
    let title = "document engine"
    let goal = "≥ 200 M edits/s"

    func measure(_ lab: Lab) throws -> [Line] {
        try lab.smoke
            ? [line(lab, "made-up ASCII typing", EditingTrace(keystrokes: 2000))]
            : [line(lab, "made-up ASCII typing", EditingTrace(keystrokes: 260_000))]
                + ["sveltecomponent", "clownschool_flat"].map { name in
                    try line(lab, name, EditingTrace(json: lab.open("editing/\(name).json.gz")))
                }
    }

    private func line(_ lab: Lab, _ name: String, _ trace: EditingTrace) throws -> Line {
        let file = lab.scraps.appending(path: "\(UUID().uuidString).json")
        try Data(trace.json).write(to: file)
        let peer = try lab.peer("document.py", file.path(), lab.smoke ? "1" : "5")
        let runs = try TypedSource(trace).columns()
        var same = false
        let seconds = try lab.secondsOfOnePass {
            var document = Document()
            for run in runs { if let wrong = document.apply(run, 0..<run.count) { throw wrong.error } }
            same = document.bytes == trace.endContent
        }
        guard same else { throw NotMeasured(reason: "\(name) did not end in its text") }
        let rate = Double(trace.count) / seconds / 1e6
        var peers = [(name: "bytearray", figure: try lab.figure("bytearray", of: peer, unit: "M/s"))]
        if peer["loro"]?.double != nil { peers.append(("loro", try lab.figure("loro", of: peer, unit: "M/s"))) }
        return Line(
            what: "apply \(trace.count) edits, \(name)", ours: Figure(value: rate, unit: "M/s"), peers: peers,
            moreIsBetter: true, goal: goal, reached: lab.smoke ? nil : rate >= 200)
    }
}
