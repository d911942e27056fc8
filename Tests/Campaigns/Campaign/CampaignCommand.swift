import ArgumentParser
import Foundation
import TestSupport

/// Long random proofs of the built programs; each prints its seed first and, if it fails, the command that repeats it.
@main
struct CampaignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "campaign", abstract: "Random proofs of the built programs.",
        subcommands: [
            KillCampaign.self, DiskCampaign.self, StallCampaign.self, BytesCampaign.self, NeovimCampaign.self,
            TeamCampaign.self, WireCampaign.self, JoinsCampaign.self, ApartCampaign.self, FollowEditorsCampaign.self,
        ])
}

/// What every campaign is told.
struct CampaignOptions: ParsableArguments {
    @Option(help: "How many rounds; a smaller budget ends it before.")
    var rounds: Int?

    @Option(help: "Where the random choices begin; a new one each time if left out.")
    var seed: UInt64?

    @Option(help: ArgumentHelp("Begin no round after this time: 45s, 10m.", valueName: "TIME"))
    var budget: Budget?
}

/// A length of time as people write it: `45s`, `10m`.
struct Budget: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        let unit = argument.hasSuffix("m") ? 60.0 : 1.0
        guard
            let number = Double(
                argument.last.map { "sm".contains($0) } == true ? String(argument.dropLast()) : argument),
            number > 0, number < 1e6
        else { return nil }
        duration = .seconds(number * unit)
    }
}

/// What was seen and should not be.
struct CampaignFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// One run of a campaign: its seed, its budget, its rounds, its last line.
final class CampaignRun {
    let name: String
    let seed: UInt64
    let rounds: Int
    var random: SeededGenerator
    private(set) var done = 0
    private var figures: [String] = []
    private let budget: Duration?
    /// Further arguments of the command that repeats a run.
    var more = ""
    private let start = ContinuousClock.now

    private init(_ name: String, _ options: CampaignOptions, rounds: Int) {
        self.name = name
        seed = options.seed ?? .random(in: 1...999_999)
        self.rounds = max(1, options.rounds ?? rounds)
        budget = options.budget?.duration
        random = SeededGenerator(seed: seed)
    }

    /// Runs `body`, says how it went, and exits with 1 if it failed. Whatever it set up is gone afterwards.
    static func carryOut(_ name: String, _ options: CampaignOptions, rounds: Int, _ body: (CampaignRun) throws -> Void)
        throws
    {
        let run = CampaignRun(name, options, rounds: rounds)
        say("campaign \(name): seed \(run.seed), \(run.rounds) rounds")
        Cleanup.onSignals()
        do {
            try body(run)
            guard run.done > 0 else { throw CampaignFailure("no round was done") }
        } catch {
            Cleanup.now()
            say("campaign \(name): failed in round \(run.done + 1): \(error)")
            say("repeat it with: \(run.repeatCommand)")
            throw ExitCode(1)
        }
        Cleanup.now()
        for figure in run.figures { say("  \(figure)") }
        say("campaign \(name): \(run.done) rounds, seed \(run.seed): ok")
    }

    private var repeatCommand: String {
        "\(CommandLine.arguments[0]) \(name) --seed \(seed) --rounds \(min(rounds, done + 1))\(more)"
    }

    /// Whether another round may begin.
    var goesOn: Bool { done < rounds && budget.map { ContinuousClock.now - start < $0 } ?? true }

    func finishRound(_ progress: String) {
        done += 1
        Self.say("  round \(done): \(progress)")
    }

    /// A measured figure, for the end.
    func note(_ figure: String) { figures.append(figure) }

    static func say(_ line: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }

    func chance(_ parts: Int) -> Bool { Int.random(in: 0..<parts, using: &random) == 0 }

    func pause(_ range: ClosedRange<Double>) { Thread.sleep(forTimeInterval: .random(in: range, using: &random)) }
}

/// Asks until it is so.
///
/// - Throws: `CampaignFailure` when it is not within `patience`; `what` says what was waited for.
func waitUntil(
    _ patience: Double = 20, every: Double = 0.02, _ what: @autoclosure () -> String, _ isSo: () throws -> Bool
) throws {
    let deadline = ContinuousClock.now + .seconds(patience)
    while try !isSo() {
        guard ContinuousClock.now < deadline else { throw CampaignFailure("not within \(patience) s: \(what())") }
        Thread.sleep(forTimeInterval: every)
    }
}
