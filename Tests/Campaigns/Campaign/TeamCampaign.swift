import ArgumentParser
import Foundation

/// Kills recorder, editor bridge, agent, archiver and broker, empties the broker, puts older archives back; the team's
/// archive must end with every accepted batch once, and with the editors' texts.
struct TeamCampaign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "team",
        abstract: "kill -9 of recorder, agent, archiver and broker; the team's archive against a witness.")

    @OptionGroup var options: CampaignOptions

    @Option(help: ArgumentHelp("How long the broker is away for once; else 1 to 5 s.", valueName: "TIME"))
    var away: Budget?

    func run() throws {
        try CampaignRun.carryOut("team", options, rounds: 60) { run in
            if let away { run.more = " --away \(away.duration.seconds)s" }
            var tally = TeamTally(longAbsence: away?.duration)
            while run.goesOn { try TeamScene(run).play(&tally) }
            for note in tally.notes { run.note(note) }
        }
    }
}

/// What was done to a team, all scenes together.
struct TeamTally {
    /// How long the broker is still to be away for once.
    var longAbsence: Duration?
    var agents = 0
    /// Agents killed with committed batches that had not been sent: with a connection to the broker, and without one.
    var betweenConnected = 0
    var betweenUnconnected = 0
    var unknown = 0
    var archivers = 0
    var brokers = 0
    var recorders = 0
    var bridges = 0
    var absences: [Duration] = []
    var emptied = 0
    /// Emptied while it alone held a session that had ended.
    var emptiedOfEnded = 0
    var restored = 0
    var deleted = 0
    /// Restored or deleted after the person's archive was sealed, and how many batches that packed.
    var sealed = 0
    var sealedBatches = 0
    var endedSessions = 0
    var batches = 0
    var texts = 0

    var notes: [String] {
        [
            "kill -9: publisher (the agent) \(agents), archiver \(archivers), broker \(brokers), recorder \(recorders), editor bridge \(bridges)",
            "publishers killed between commit and send: \(betweenConnected + betweenUnconnected) (\(betweenConnected) with a connection to the broker, \(betweenUnconnected) without one; of \(unknown) others it cannot be told): batches of the dead agent's archive that had not come out whole of any agent's connection, as a proxy before the broker read them; no other agent started meanwhile",
            "broker away \(absences.count) times, for at most \(absences.max()?.seconds ?? 0) s; the shell answered and the editor went on",
            "broker's data directory deleted \(emptied) times, \(emptiedOfEnded) of them while it alone held a session that had ended",
            "team's archive put back \(restored) times, deleted \(deleted) times; \(sealed) of these after the person's archive was sealed (\(sealedBatches) batches in blocks)",
            "\(endedSessions) sessions ended; \(batches) batches in the team's archive as the witness saw them, \(texts) texts as their editor left them",
        ]
    }
}
