import ArgumentParser
import EventSchema
import Foundation

/// Much output of every kind of byte; what is recorded is what the program wrote.
struct BytesCampaign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bytes", abstract: "10 MB of terminal output recorded each round, byte for byte.")

    @OptionGroup var options: CampaignOptions

    @Option(help: "How many bytes a round records.")
    var bytes = 10_000_000

    func run() throws {
        try CampaignRun.carryOut("bytes", options, rounds: 100) { run in
            run.more = " --bytes \(bytes)"
            while run.goesOn { try round(run) }
        }
    }

    private func round(_ run: CampaignRun) throws {
        let stage = try Stage(isProxied: false)
        defer { stage.end() }
        let output = Self.output(of: bytes, &run.random)
        let file = stage.file("output")
        try Data(output).write(to: file)
        let start = ContinuousClock.now
        // Else the terminal makes \r\n of \n, and shows the end of the input as ^D.
        let script = "stty raw -echo && cat '\(file.path)'"
        let rec = try stage.run(["rec", "--headless", "-q", "--output-limit", "off", "-c", script], patience: 300)
        let time = ContinuousClock.now - start
        guard rec.status == 0 else { throw CampaignFailure("rec ended with \(rec.status): \(rec.output.suffix(500))") }
        let audit = try ArchiveAudit(stage.archiveHome)
        var recorded: [UInt8] = []
        recorded.reserveCapacity(output.count)
        for timed in audit.events(of: .terminal) {
            if case .terminalOutput(let part) = timed.event.body { recorded.append(contentsOf: part.data) }
        }
        guard recorded == output else {
            let place =
                zip(recorded, output).enumerated().first { $1.0 != $1.1 }?.offset ?? min(recorded.count, output.count)
            throw CampaignFailure(
                "\(recorded.count) bytes instead of \(output.count), the first other one at \(place); "
                    + "dropped gaps: \(audit.droppedGaps)")
        }
        run.finishRound("\(output.count) bytes equal, recorded in \(time.milliseconds) ms")
    }

    /// Lines, colours, wide characters and stretches of any byte.
    private static func output(of count: Int, _ random: inout some RandomNumberGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 4096)
        while bytes.count < count {
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                for _ in 0..<Int.random(in: 1...512, using: &random) {
                    withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) }
                }
            case 1: bytes.append(contentsOf: "\u{1B}[1;31mFAILED\u{1B}[0m tests/été_🎉.py::日本語 \(bytes.count)\r\n".utf8)
            case 2: bytes.append(contentsOf: repeatElement(.random(in: 0...255, using: &random), count: 1500))
            default: bytes.append(contentsOf: "line \(bytes.count) of a long log\n".utf8)
            }
        }
        return Array(bytes.prefix(count))
    }
}
