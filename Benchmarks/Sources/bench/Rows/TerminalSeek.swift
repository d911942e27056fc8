import Archive
import EventSchema
import Foundation
import Model

/// The screen at any moment of 10 MB of recorded output, from the archive.
struct TerminalSeek: Row {
    let name = "terminal-seek"
    let title = "seek in 10 MB of terminal output"
    let goal = "p99 ≤ 20 ms"

    func measure(_ lab: Lab) throws -> [Line] {
        let samples = try SampleOutput.samples(lab)
        var bytes: [UInt8] = []
        while bytes.count < (lab.smoke ? 1 << 20 : 10_000_000) { for sample in samples { bytes += sample.bytes } }
        let (source, batches) = recorded(bytes)
        let bed = try Bed(lab.scraps.appending(path: "terminal-seek"))
        try bed.append(batches)
        let keyframes = try bed.seal(source)

        var spread = Spread()
        var (cold, warm) = (Times(), Times())
        for _ in 0..<(lab.smoke ? 3 : 300) {
            let time = batches[spread.next(below: batches.count)].endTime
            let reader = try ArchiveReader(home: bed.home)
            _ = try cold.measure { try reader.state(of: source, at: time) }
            _ = try warm.measure { try bed.reader.state(of: source, at: time) }
        }
        let fromTheStart = lab.secondsOfOnePass {
            var screen = Screen(columns: 160, rows: 45)
            screen.feed(bytes)
        }
        let peers = [(name: "drawing from the start", figure: Figure(value: fromTheStart * 1000, unit: "ms"))]
        let what = "seek in \(bytes.count / 1_000_000) MB of output (\(keyframes) keyframes)"
        return [
            Line(
                what: what + ", reader in use, p99 (p50 \(Figure.short(warm.p50)) ms)",
                ours: Figure(value: warm.p99, unit: "ms"), peers: peers, moreIsBetter: false, goal: goal,
                reached: lab.smoke ? nil : warm.p99 <= 20),
            Line(
                what: what + ", reader just opened, p99 (p50 \(Figure.short(cold.p50)) ms)",
                ours: Figure(value: cold.p99, unit: "ms"), peers: peers, moreIsBetter: false, goal: goal,
                reached: lab.smoke ? nil : cold.p99 <= 20),
            Line(
                what: "those 10 MB in archive.db, sealed, keyframes included",
                ours: Figure(value: Double(try bed.size()) / Double(bytes.count), unit: "B/B"), peers: [],
                moreIsBetter: false, goal: "", reached: nil),
        ]
    }

    /// As a recorder leaves it: what a read of the pty gives, one event each.
    private func recorded(_ bytes: [UInt8]) -> (SourceID, [CheckedBatch]) {
        let (source, session) = (SourceID(Identifier(high: 3, low: 1)), SessionID(Identifier(high: 3, low: 2)))
        var time = RecordTime(milliseconds: 1_750_000_000_000)
        var opened = TerminalOpened()
        opened.terminal = 1
        opened.columns = 160
        opened.rows = 45
        var batches = [
            BatchCodec.encode(
                source: source, session: session, seq: 1, previous: nil,
                events: [(time, Event(.terminalOpened(opened)))])
        ]
        for start in stride(from: 0, to: bytes.count, by: 4096) {
            var output = TerminalOutput()
            output.terminal = 1
            output.data = Data(bytes[start..<min(start + 4096, bytes.count)])
            time = time.advanced(by: 12_345)
            batches.append(
                BatchCodec.encode(
                    source: source, session: session, seq: UInt64(batches.count) + 1,
                    previous: batches[batches.count - 1].hash,
                    events: [(time, Event(.terminalOutput(output)))]))
        }
        return (source, batches)
    }
}
