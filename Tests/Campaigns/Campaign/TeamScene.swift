import EventSchema
import Foundation
import TestSupport

/// A person who records, a broker, an archiver; things go wrong, then everything is compared.
final class TeamScene {
    private enum Mishap: CaseIterable {
        case agent, agentAtCommit, agentTwice, archiver, broker, brokerAway, emptyBroker, emptyBrokerOfEnded
        case restoredArchive, restoredAfterSeal, recorder, bridge, sessionEnd

        /// How often in one scene.
        var count: Int {
            switch self {
            case .agent: 6
            case .archiver: 7
            case .broker: 5
            case .agentAtCommit, .agentTwice: 2
            default: 1
            }
        }
    }

    /// How long a connection is waited for before a process that waits to try again is replaced.
    private static let patience = Duration.seconds(2)

    private let run: CampaignRun
    private let recording: SharedRecording
    private var backups: [URL] = []
    private var stage: Stage { recording.stage }
    private var team: TeamStage { recording.team }

    init(_ run: CampaignRun) throws {
        self.run = run
        recording = try SharedRecording(run)
    }

    func play(_ tally: inout TeamTally) throws {
        defer { recording.end() }
        let plan = Mishap.allCases.flatMap { Array(repeating: $0, count: $0.count) }.shuffled(using: &run.random)
        for mishap in plan where run.goesOn {
            recording.work()
            try befall(mishap, &tally)
            recording.work()
            run.finishRound("\(mishap); \(recording.witness.acceptedCount) batches accepted so far")
        }
        let compared = try recording.compareAll()
        tally.endedSessions += 1
        tally.batches += compared.batches
        tally.texts += compared.texts
    }

    private func befall(_ mishap: Mishap, _ tally: inout TeamTally) throws {
        switch mishap {
        case .recorder:
            try recording.killRecorder()
            tally.recorders += 1
        case .bridge:
            try recording.killBridge()
            tally.bridges += 1
        case .agent: try killAgent(&tally)
        case .agentAtCommit:
            try recording.awaitAgent()
            awaitMore(\.sentCount)
            run.pause(0...0.0015)
            try killAgent(&tally)
        case .agentTwice:
            try killAgent(&tally)
            awaitMore(\.acceptedCount)
            try killAgent(&tally)
        case .archiver:
            try awaitConnections(&tally)
            killArchiver(&tally)
            if run.chance(2) { backups.append(try team.backup("backup\(backups.count)")) }
            run.pause(0...0.3)
            try team.startArchiver()
        case .broker:
            try awaitConnections(&tally)
            try team.killBroker()
            tally.brokers += 1
            run.pause(0...0.3)
            try team.startBroker()
        case .brokerAway: try sendBrokerAway(&tally)
        case .emptyBroker, .emptyBrokerOfEnded: try emptyBroker(mishap == .emptyBrokerOfEnded, &tally)
        case .restoredArchive, .restoredAfterSeal: try restore(mishap == .restoredAfterSeal, &tally)
        case .sessionEnd:
            try recording.endSession()
            tally.endedSessions += 1
            try recording.beginSession()
        }
    }

    // MARK: Publisher and archiver

    private func killAgent(_ tally: inout TeamTally) throws {
        // One that is about to start may be killed as well; one that will not come may not.
        try waitUntil(40, "there is an agent") { [recording] in !recording.agents.isEmpty }
        let isConnected = recording.agentLine.open > 0
        let unsent = try recording.killAgent()
        tally.agents += 1
        switch unsent {
        case nil: tally.unknown += 1
        case 0: break
        case _?: if isConnected { tally.betweenConnected += 1 } else { tally.betweenUnconnected += 1 }
        }
    }

    /// Until another batch is on its way to the agent, or accepted by it.
    private func awaitMore(_ count: (Witness) -> Int) {
        let before = count(recording.witness)
        let deadline = ContinuousClock.now + .seconds(5)
        while count(recording.witness) == before, ContinuousClock.now < deadline { usleep(50) }
    }

    private func killArchiver(_ tally: inout TeamTally) {
        team.killArchiver()
        tally.archivers += 1
    }

    /// Both processes wait up to half a minute after a few failures; what is killed now is to be at work. Who does not
    /// connect soon is replaced by one that has not failed yet.
    private func awaitConnections(_ tally: inout TeamTally) throws {
        func isOpen(_ condition: () -> Bool) -> Bool {
            let deadline = ContinuousClock.now + Self.patience
            while !condition(), ContinuousClock.now < deadline { Thread.sleep(forTimeInterval: 0.02) }
            return condition()
        }
        if !isOpen({ recording.agentLine.open > 0 }) { try killAgent(&tally) }
        if !isOpen({ recording.archiverLine.open > 0 }) {
            killArchiver(&tally)
            try team.startArchiver()
        }
        try waitUntil(40, "agent and archiver are connected: \(team.said)") { [recording] in
            recording.agentLine.open > 0 && recording.archiverLine.open > 0
        }
        run.pause(0...0.5)
    }

    // MARK: The broker

    private func sendBrokerAway(_ tally: inout TeamTally) throws {
        try awaitConnections(&tally)
        try team.killBroker()
        tally.brokers += 1
        let length = tally.longAbsence ?? .seconds(Double.random(in: 1...5, using: &run.random))
        tally.longAbsence = nil
        let start = ContinuousClock.now
        while true {
            try recording.expectAnswers()
            guard ContinuousClock.now - start < length else { break }
            recording.work()
            run.pause(0...1)
        }
        if run.chance(2) { try killAgent(&tally) }
        tally.absences.append(ContinuousClock.now - start)
        try team.startBroker()
    }

    /// - Parameter ofEnded: first a session ends, and its messages reach the broker and nobody else.
    private func emptyBroker(_ ofEnded: Bool, _ tally: inout TeamTally) throws {
        if ofEnded {
            try awaitConnections(&tally)
            killArchiver(&tally)
            recording.work()
            try recording.endSession()
            tally.endedSessions += 1
            try waitUntil(60, every: 0.2, "the broker has all: \(recording.agentStatus.map { "\($0)" } ?? "")") {
                [recording] in
                guard let relay = recording.agentStatus?["relays"]?[0] else { return false }
                return relay["state"]?.string == "connected" && relay["in_flight"]?.integer == 0
                    && relay["unsent"]?.integer ?? 0 > 0 && recording.isAllSent
            }
            tally.emptiedOfEnded += 1
        }
        try team.emptyBroker()
        tally.brokers += 1
        tally.emptied += 1
        if ofEnded { try recording.beginSession() } else { recording.work() }
        try team.startBroker()
        if ofEnded { try team.startArchiver() }
    }

    // MARK: The team's archive

    /// - Parameter afterSeal: what the team's archive lacks then is packed in the person's.
    private func restore(_ afterSeal: Bool, _ tally: inout TeamTally) throws {
        if afterSeal {
            try recording.endSession()
            tally.endedSessions += 1
            try recording.awaitArchived()
        }
        try awaitConnections(&tally)
        try team.stopArchiver()
        try team.expectOneFile()
        let backup = try team.backup("backup\(backups.count)")
        if let older = backups.randomElement(using: &run.random), !run.chance(3) {
            try team.restore(older)
            tally.restored += 1
        } else {
            try team.restore(nil)
            tally.deleted += 1
        }
        backups.append(backup)
        if afterSeal {
            let answer = try stage.run(["seal"])
            guard answer.status == 0 else { throw CampaignFailure("seal: \(answer.output)") }
            let sealed = try ArchiveAudit(stage.archiveHome).sealedCount
            guard sealed > 0 else { throw CampaignFailure("a session that has ended is not sealed: \(answer.output)") }
            tally.sealed += 1
            tally.sealedBatches += sealed
        }
        try team.startArchiver()
        if afterSeal { try recording.beginSession() }
    }
}

extension Duration {
    /// Whole seconds.
    var seconds: Int64 { components.seconds }
}
