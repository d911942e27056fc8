import Model

/// The screen at any byte of 10 MB of output: a stored screen, and the output since it.
struct TerminalSeek: Row {
    let name = "terminal-seek"
    let title = "seek in 10 MB of terminal output"
    let goal = "p99 ≤ 20 ms"

    /// As far apart as the archive's keyframes of output.
    private static let spacing = 256 << 10

    func measure(_ lab: Lab) throws -> [Line] {
        let samples = try TerminalOutput.samples(lab)
        var bytes: [UInt8] = []
        while bytes.count < (lab.smoke ? 128 << 10 : 10_000_000) { for sample in samples { bytes += sample.bytes } }

        var screen = Screen(columns: 160, rows: 45)
        var stored: [[UInt8]] = []
        for start in stride(from: 0, to: bytes.count, by: Self.spacing) {
            stored.append(screen.encoded())
            screen.feed(bytes[start..<min(start + Self.spacing, bytes.count)])
        }
        // Well spread, and the same in every run.
        let count = lab.smoke ? 3 : 300
        let times = try (0..<count).map { number in
            let target = number * 7919 % count * (bytes.count / count)
            let start = ContinuousClock.now
            var sought = try Screen(encoded: stored[target / Self.spacing])
            sought.feed(bytes[(target / Self.spacing * Self.spacing)..<target])
            return Double((ContinuousClock.now - start).components.attoseconds) / 1e15
        }.sorted()
        let fromTheStart = lab.secondsOfOnePass {
            var screen = Screen(columns: 160, rows: 45)
            screen.feed(bytes)
        }
        let p99 = times[min(count - 1, count * 99 / 100)]
        return [
            Line(
                what: "seek in \(bytes.count / 1_000_000) MB of output, p50 \(Figure.short(times[count / 2])) ms, p99",
                ours: Figure(value: p99, unit: "ms"),
                peers: [("drawing from the start", Figure(value: fromTheStart * 1000, unit: "ms"))],
                moreIsBetter: false, goal: goal, reached: lab.smoke ? nil : p99 <= 20)
        ]
    }
}
