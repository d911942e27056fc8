import ArgumentParser
import Foundation
import TestSupport

/// Breaks the networks between agent and broker and between archiver and broker in every way; the team's archive must end
/// as if nothing had happened, and nobody may hang.
struct WireCampaign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wire",
        abstract: "Broken networks between agent, broker and archiver; the team's archive against a witness.")

    @OptionGroup var options: CampaignOptions

    func run() throws {
        try CampaignRun.carryOut("wire", options, rounds: 24) { run in
            var tally = WireTally()
            while run.goesOn { try WireScene(run).play(&tally) }
            for note in tally.notes { run.note(note) }
        }
    }
}

/// What was done to the networks, all scenes together.
struct WireTally {
    var faults: [String: Int] = [:]
    var cuts: [FaultCut] = []
    /// The longest a process took from the silence of its network to its own word that the connection is gone.
    var longestNotice = Duration.zero
    /// The longest until every connection that was there had been tried anew.
    var longestRetry = Duration.zero
    /// The longest from a mended network to a connection.
    var longestReturn = Duration.zero
    /// Processes that were asked to end while their network was silent, and the longest that took.
    var ends = 0
    var longestEnd = Duration.zero
    var batches = 0
    var texts = 0

    /// So far into a connection it is cut.
    static let session = 64 << 10
    private static let part = 4 << 10

    var notes: [String] {
        let parts = stride(from: 0, to: Self.session, by: Self.part).map { start in
            cuts.count { (start..<start + Self.part).contains($0.bytes) }
        }
        return [
            faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
            "cut after N bytes: \(cuts.count) connections, \(cuts.count { $0.direction == .toServer }) of them to the broker, N from \(cuts.map(\.bytes).min() ?? 0) to \(cuts.map(\.bytes).max() ?? 0); in each \(Self.part >> 10) KiB of the first \(Self.session >> 10): \(parts.map(String.init).joined(separator: " "))",
            "heartbeat \(WireScene.heartbeat.seconds) s; a silent network was noticed after \(longestNotice.tenths) s at most, every connection tried anew after \(longestRetry.tenths) s at most, connected again \(longestReturn.tenths) s after it was mended at most",
            "asked to end in a silent network: \(ends), the slowest took \(longestEnd.tenths) s",
            "\(batches) batches in the team's archive as the witness saw them, \(texts) texts as their editor left them",
        ]
    }
}

extension Duration {
    /// Seconds with one digit behind the point.
    var tenths: String {
        let tenths = Int(self / .milliseconds(100))
        return "\(tenths / 10).\(tenths % 10)"
    }
}
