import Foundation

/// A shell that is recorded without a terminal; the campaign types commands.
final class RecordedShell {
    let process: Child
    private let stage: Stage
    private let input = Pipe()
    private let log: String
    private var typed = 0

    init(_ stage: Stage, name: String = "shell", _ options: [String] = []) throws {
        self.stage = stage
        log = "\(name).log"
        process = try stage.startThere([Stage.playhead, "rec", "--headless"] + options, input: input, log: log)
        // What this campaign holds of the reading end would keep a dead recorder's pipe open.
        try input.fileHandleForReading.close()
    }

    var text: String { stage.text(of: log) }

    /// Types a command line.
    func type(_ line: String) {
        try? input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Types a command with some output and a word of its own.
    func work(_ random: inout some RandomNumberGenerator) {
        typed += 1
        switch Int.random(in: 0..<4, using: &random) {
        case 0: type("echo mark-\(typed)-$((6*7))")
        case 1: type("seq 1 \(Int.random(in: 10...3000, using: &random))")
        case 2: type("false \(typed)")
        default: type("printf '%s\\n' été 日本語 🎉 \(typed)")
        }
    }

    /// Types a command that shows a word when it runs, and gives how long that took.
    func responds(patience: Double = 30) throws -> Duration {
        typed += 1
        let word = "answer\(UInt32.random(in: 0...UInt32.max))"
        let start = ContinuousClock.now
        type("echo \(word.prefix(6))''\(word.dropFirst(6))")
        try waitUntil(patience, every: 0.002, "the shell shows \(word); it said: \(text.suffix(500))") {
            text.contains(word)
        }
        return ContinuousClock.now - start
    }

    /// Leaves the shell and waits for the recorder's end.
    func exit(patience: Double = 40) throws -> Int32 {
        type("exit 0")
        try? input.fileHandleForWriting.close()
        return try stage.wait(for: process, patience, "the end of the recorder; it said: \(text.suffix(500))")
    }
}
