import EventSchema
import Foundation

/// 10 MB of output through a recorder, under a pty that is drained: wall time and CPU, and whether every byte arrived.
struct RecorderOverhead: Row {
    let name = "recorder"
    let title = "CPU to record 10 MB of output"
    let goal = "≤ 2× script(1)"

    func measure(_ lab: Lab) throws -> [Line] {
        if lab.smoke { throw NotMeasured(reason: "needs the release build; run `make bench`", expected: true) }
        guard let program = lab.program?.path() else { throw NotMeasured(reason: "no program to measure") }
        let source = lab.scraps.appending(path: "10MB")
        try Data(SampleOutput.log(bytes: 10 << 20)).write(to: source)
        let result = try lab.peer("recorder.py", source.path(), program, lab.scraps.path(), "7")
        let ours = try lab.figure("playhead_cpu", of: result, unit: "s")
        let script = try lab.figure("script_cpu", of: result, unit: "s")
        let echo = try lab.figure("playhead_echo", of: result, unit: "µs")
        return [
            Line(
                what: title, ours: ours,
                peers: [("script", script), ("asciinema", try lab.figure("asciinema_cpu", of: result, unit: "s"))],
                moreIsBetter: false, goal: goal, reached: ours.value <= 2 * script.value),
            Line(
                what: "runs of 7 with every byte on the screen",
                ours: try lab.figure("playhead_exact", of: result, unit: "of 7"),
                peers: [
                    ("script", try lab.figure("script_exact", of: result, unit: "of 7")),
                    ("asciinema", try lab.figure("asciinema_exact", of: result, unit: "of 7")),
                ], moreIsBetter: true, goal: "all", reached: result["playhead_exact"]?.double == 7),
            Line(
                what:
                    "keystroke to echo, p50, without a recorder \(try lab.figure("none_echo", of: result, unit: "µs").text)",
                ours: echo,
                peers: [
                    ("script", try lab.figure("script_echo", of: result, unit: "µs")),
                    ("asciinema", try lab.figure("asciinema_echo", of: result, unit: "µs")),
                ], moreIsBetter: false, goal: "≤ 50 µs more than without",
                reached: echo.value <= (try lab.figure("none_echo", of: result, unit: "µs").value) + 50),
        ]
    }
}
