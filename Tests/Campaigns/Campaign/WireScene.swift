import Foundation
import TestSupport

/// A person who records, a broker, an archiver, and two networks that break; then everything is compared.
final class WireScene {
    enum Fault: CaseIterable {
        case reset, fin, halfOpen, answersLost, stalled, oneByte, throttled, cut

        /// How often in one scene.
        var count: Int { self == .cut ? 5 : 1 }
        /// The other side says nothing more, and nobody says that it is gone.
        var isSilent: Bool { [.halfOpen, .answersLost, .stalled].contains(self) }
    }

    private enum Side: CaseIterable { case agent, archiver, both }

    static let heartbeat = Duration.seconds(2)
    /// A silent peer is given up after two heartbeats, a call that does not return 2 s later. The rest is for a machine
    /// that is busy with other things.
    private static let noticeBound = heartbeat * 2 + .seconds(2) + .seconds(14)
    /// Then it waits, at most `ReconnectPolicy.longest`, before it tries again.
    private static let retryBound = noticeBound + .seconds(30)
    /// A login under way is given up after 12 s; then the same wait, and the next login.
    private static let returnBound = Duration.seconds(12 + 30 + 20)

    private let run: CampaignRun
    private let recording: SharedRecording
    private var stage: Stage { recording.stage }
    private var team: TeamStage { recording.team }

    init(_ run: CampaignRun) throws {
        self.run = run
        recording = try SharedRecording(run, parameters: "?heartbeat=\(Self.heartbeat.seconds)")
    }

    func play(_ tally: inout WireTally) throws {
        defer { recording.end() }
        let plan = Fault.allCases.flatMap { Array(repeating: $0, count: $0.count) }.shuffled(using: &run.random)
        for fault in plan where run.goesOn {
            let side = Side.allCases.randomElement(using: &run.random) ?? .both
            // Who has failed a few times waits long before the next attempt; a new process does not.
            if fault != .cut { try freshen(side) }
            try awaitBoth(&tally)
            recording.work()
            try befall(fault, side, &tally)
            try awaitBoth(&tally)
            tally.faults["\(fault)", default: 0] += 1
            run.finishRound("\(fault), \(side); \(recording.witness.acceptedCount) batches accepted so far")
        }
        tally.cuts += recording.agentLine.cutsMade + recording.archiverLine.cutsMade
        let compared = try recording.compareAll()
        tally.batches += compared.batches
        tally.texts += compared.texts
    }

    private func lines(_ side: Side) -> [FaultProxy] {
        switch side {
        case .agent: [recording.agentLine]
        case .archiver: [recording.archiverLine]
        case .both: [recording.agentLine, recording.archiverLine]
        }
    }

    private func set(_ behaviour: FaultBehaviour, _ side: Side) {
        for line in lines(side) { line.behaviour = behaviour }
    }

    /// New processes.
    private func freshen(_ side: Side) throws {
        if side != .archiver {
            try recording.awaitAgent()
            _ = try recording.killAgent()
        }
        if side != .agent {
            team.killArchiver()
            try team.startArchiver()
        }
    }

    /// Agent and archiver say that they are connected.
    private func awaitBoth(_ tally: inout WireTally) throws {
        let start = ContinuousClock.now
        try waitUntil(
            Double(Self.returnBound.seconds), every: 0.1,
            "both are connected; the agent: \(recording.relayState), the archiver: \(team.archiverState)"
        ) { recording.relayState == "connected" && team.archiverState == "open" }
        tally.longestReturn = max(tally.longestReturn, .now - start)
    }

    private func befall(_ fault: Fault, _ side: Side, _ tally: inout WireTally) throws {
        var behaviour = FaultBehaviour()
        switch fault {
        case .reset, .fin:
            for _ in 0..<3 {
                recording.work()
                for line in lines(side) { line.breakAll(fault == .reset ? .reset : .finish) }
                run.pause(0...0.5)
            }
            return
        case .cut: return try cut(side)
        case .oneByte: behaviour.slice = 1
        case .throttled: behaviour.bytesPerSecond = Int.random(in: 2000...100_000, using: &run.random)
        case .halfOpen: behaviour = .halfOpen
        case .answersLost: behaviour = .dropsAnswers
        case .stalled:
            behaviour.stalls =
                [[.toServer], [.toClient], [.toServer, .toClient]].randomElement(using: &run.random)
                ?? [.toServer]
        }
        let before = lines(side).map { (line: $0, accepted: $0.accepted, open: $0.open) }
        set(behaviour, side)
        defer { set(FaultBehaviour(), side) }
        recording.flood(bytes: 30_000)
        recording.work()
        guard fault.isSilent else { return run.pause(1...4) }
        if run.chance(3) { return try end(side, &tally) }
        try expectNotice(side, before.map { ($0.line, $0.accepted + $0.open) }, &tally)
        try recording.expectAnswers()
    }

    /// Each process says that its connection is gone, and tries each of them anew.
    private func expectNotice(_ side: Side, _ wanted: [(line: FaultProxy, accepted: Int)], _ tally: inout WireTally)
        throws
    {
        let start = ContinuousClock.now
        try waitUntil(
            Double(Self.noticeBound.seconds), every: 0.1,
            "a silent network is noticed; the agent: \(recording.relayState), the archiver: \(team.archiverState)"
        ) {
            (side == .archiver || !["", "connected"].contains(recording.relayState))
                && (side == .agent || team.archiverState != "open")
        }
        tally.longestNotice = max(tally.longestNotice, .now - start)
        try waitUntil(
            Double(Self.retryBound.seconds), every: 0.1,
            "each connection is tried anew: \(wanted.map { "\($0.line.accepted) of \($0.accepted)" })"
        ) { wanted.allSatisfy { $0.line.accepted >= $0.accepted } }
        tally.longestRetry = max(tally.longestRetry, .now - start)
    }

    /// Who is asked to end does not wait for a network that says nothing.
    private func end(_ side: Side, _ tally: inout WireTally) throws {
        let start = ContinuousClock.now
        if side != .archiver {
            try stage.withoutAgents {
                let agents = recording.agents
                for agent in agents { kill(agent, SIGTERM) }
                try waitUntil(30, "the agent ends when it is asked to") {
                    agents.allSatisfy { !recording.agents.contains($0) }
                }
            }
            tally.ends += 1
        }
        if side != .agent {
            try team.stopArchiver()
            tally.ends += 1
        }
        tally.longestEnd = max(tally.longestEnd, .now - start)
        if side != .agent { try team.startArchiver() }
    }

    // MARK: Cuts

    /// The next connections are cut after so many bytes each, in their first 64 KiB.
    private func cut(_ side: Side) throws {
        var wanted = 0
        for line in lines(side) {
            let heavy: FaultDirection = line === recording.agentLine ? .toServer : .toClient
            for _ in 0..<8 {
                wanted += 1
                let how = FaultEnd.allCases.randomElement(using: &run.random) ?? .reset
                if run.chance(4) {
                    // Little goes that way: each power of two as often as the next.
                    let bytes = Int.random(
                        in: 0...(1 << Int.random(in: 4...16, using: &run.random)), using: &run.random)
                    line.cutNext(after: bytes, heavy == .toServer ? .toClient : .toServer, how)
                } else {
                    line.cutNext(after: .random(in: 0..<WireTally.session, using: &run.random), heavy, how)
                }
            }
        }
        let before = lines(side).reduce(0) { $0 + $1.cutsMade.count }
        try freshen(side)
        let deadline = ContinuousClock.now + .seconds(8)
        while ContinuousClock.now < deadline,
            lines(side).reduce(0, { $0 + $1.cutsMade.count }) < before + wanted
        {
            recording.flood(bytes: 60_000)
            recording.work()
        }
        for line in lines(side) {
            line.forgetCuts()
            // What waits for its cut still would be cut in another round.
            line.breakAll(.reset)
        }
        try freshen(side)
    }
}
