import Foundation
import Model

/// Output drawn into a screen of 160×45.
struct TerminalEmulator: Row {
    let name = "emulator"
    let title = "terminal emulator"
    let goal = "≥ 50 MB/s"

    func measure(_ lab: Lab) throws -> [Line] {
        try SampleOutput.samples(lab).map { sample in
            let file = lab.scraps.appending(path: sample.name.replacing(" ", with: "-"))
            try Data(sample.bytes).write(to: file)
            var peers: [(name: String, figure: Figure)] = []
            if !lab.smoke {
                let libvterm = try lab.run([lab.tool("libvterm"), file.path()]).output
                guard let rate = Double(String(decoding: libvterm, as: UTF8.self).split(separator: "\n").last ?? "")
                else {
                    throw NotMeasured(reason: "libvterm's program said nothing")
                }
                peers.append(("libvterm", Figure(value: rate, unit: "MB/s")))
                let pyte = try lab.peer("emulator.py", file.path())
                peers.append(("pyte", try lab.figure("pyte", of: pyte, unit: "MB/s")))
            }
            let seconds = lab.secondsOfOnePass {
                var screen = Screen(columns: 160, rows: 45)
                screen.feed(sample.bytes)
            }
            let rate = Double(sample.bytes.count) / seconds / 1e6
            return Line(
                what: "draw \(sample.bytes.count >> 10) KiB, \(sample.name)", ours: Figure(value: rate, unit: "MB/s"),
                peers: peers, moreIsBetter: true, goal: goal, reached: lab.smoke ? nil : rate >= 50)
        }
    }
}
