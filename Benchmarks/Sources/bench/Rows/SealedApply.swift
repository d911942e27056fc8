import Archive
import EventSchema
import Foundation
import Model

/// From the stored bytes of sealed blocks to the text: unpacked, checked, decoded, applied.
struct SealedApply: Row {
    let name = "sealed"
    let title = "decode and apply sealed edits"
    let goal = "≥ 50 M edits/s"

    func measure(_ lab: Lab) throws -> [Line] {
        try lab.smoke
            ? [line(lab, "made-up typing", EditingTrace(keystrokes: 2000))]
            : ["sveltecomponent", "clownschool_flat"].map { name in
                try line(lab, name, EditingTrace(json: lab.open("editing/\(name).json.gz")))
            }
    }

    private func line(_ lab: Lab, _ name: String, _ trace: EditingTrace) throws -> Line {
        let file = lab.scraps.appending(path: "\(UUID().uuidString).json")
        try Data(trace.json).write(to: file)
        let peer = try lab.peer("document.py", file.path(), lab.smoke ? "1" : "5")
        let stored = try sealed(trace)
        let decompressor = try ZstdDecompressor()
        var same = false
        let seconds = try lab.secondsOfOnePass {
            var document = Document()
            for body in stored {
                guard case .sealed(let block) = try BlockBody(stored: body, with: decompressor) else { continue }
                try block.forEachEdit(document: 1) { step, text, range throws(ModelError) in
                    try document.replace(offset: step.offset, removed: step.removed, from: text, in: range)
                }
            }
            same = document.bytes == trace.endContent
        }
        guard same else { throw NotMeasured(reason: "\(name) did not end in its text") }
        let rate = Double(trace.count) / seconds / 1e6
        var peers = [(name: "bytearray, already decoded", figure: try lab.figure("bytearray", of: peer, unit: "M/s"))]
        if peer["loro"]?.double != nil { peers.append(("loro", try lab.figure("loro", of: peer, unit: "M/s"))) }
        return Line(
            what: "decode and apply \(trace.count) edits from \(stored.count) sealed blocks, \(name)",
            ours: Figure(value: rate, unit: "M/s"), peers: peers, moreIsBetter: true, goal: goal,
            reached: lab.smoke ? nil : rate >= 50)
    }

    /// The trace as somebody typing would leave it: a batch for each edit, 16,384 of them in a block.
    private func sealed(_ trace: EditingTrace) throws -> [[UInt8]] {
        let source = SourceID(Identifier(high: 1, low: 1))
        let session = SessionID(Identifier(high: 1, low: 2))
        let sealer = try Sealer()
        var bodies: [[UInt8]] = []
        var batches: [CheckedBatch] = []
        var previous: CheckedBatch?
        for index in 0..<trace.count {
            var edit = Edit()
            edit.document = 1
            edit.offset = UInt64(trace.offsets[index])
            edit.removed = UInt64(trace.removed[index])
            edit.inserted = Data(trace.texts[(index == 0 ? 0 : trace.ends[index - 1])..<trace.ends[index]])
            let time = RecordTime(milliseconds: 1_750_000_000_000 + Int64(index) * 137)
            let batch = BatchCodec.encode(
                source: source, session: session, seq: (previous?.seq ?? 0) + 1, previous: previous?.hash,
                events: [(time, Event(.edit(edit)))])
            previous = batch
            batches.append(batch)
            if batches.count == 16_384 || index == trace.count - 1 {
                guard let block = try sealer.seal(batches) else { throw NotMeasured(reason: "not worth sealing") }
                bodies.append(block.body)
                batches = []
            }
        }
        return bodies
    }
}
