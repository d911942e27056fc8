import EventSchema
import Foundation

/// What a recorded shell adds to a command that does nothing, from Return to the next prompt.
struct ShellHook: Row {
    let name = "hook"
    let title = "shell hook"
    let goal = "≤ 1 ms more than a plain shell"

    func measure(_ lab: Lab) throws -> [Line] {
        if lab.smoke { throw NotMeasured(reason: "needs the release build; run `make bench`", expected: true) }
        guard let program = lab.program?.path() else { throw NotMeasured(reason: "no program to measure") }
        let result = try lab.peer("hook.py", program, lab.scraps.path(), "300")
        return try ["bash", "zsh"].filter { result["playhead_\($0)"] != nil }.map { shell in
            let plain = try lab.figure("plain_\(shell)", of: result, unit: "µs")
            let added = Figure(
                value: try lab.figure("playhead_\(shell)", of: result, unit: "µs").value - plain.value, unit: "µs")
            return Line(
                what: "added to a command in \(shell) by hook and recorder, p50 (a plain shell takes \(plain.text))",
                ours: added, peers: [], moreIsBetter: false, goal: goal, reached: added.value <= 1000)
        }
    }
}
