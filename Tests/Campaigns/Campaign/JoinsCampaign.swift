import Archive
import ArgumentParser
import Delivery
import EventSchema
import Foundation
import TestSupport

/// Followers join at random moments while publisher, archiver, broker and networks break; each must end with what one
/// has that was there from the start.
struct JoinsCampaign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "joins",
        abstract: "Followers that join late while everything breaks, against one present from the start.")

    @OptionGroup var options: CampaignOptions

    func run() throws {
        try CampaignRun.carryOut("joins", options, rounds: 20) { run in
            var tally = JoinsTally()
            while run.goesOn { try JoinsScene(run).play(&tally) }
            for line in tally.lines { run.note(line) }
        }
    }
}

/// What the scenes of a run add up to.
struct JoinsTally {
    var joins: [String: Int] = [:]
    var mishaps: [String: Int] = [:]
    var events = 0
    var states = 0

    var lines: [String] {
        [
            "joins: " + joins.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "),
            "meanwhile: " + mishaps.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "),
            "\(events) events and \(states) states of late followers compared",
        ]
    }
}

/// One session, one follower from its start, and those who join.
final class JoinsScene {
    private enum Mishap: CaseIterable {
        case agentKilled, archiverKilled, brokerKilled, archiverAway, followerReset, followerHalfOpen, followerThrottled
        case agentLineReset, agentLineHalfOpen, none
    }

    /// In one scene; all of them follow until its end.
    private static let joins = 10

    private let run: CampaignRun
    private let recording: SharedRecording
    private let first: Joiner
    private var joiners: [Joiner] = []

    init(_ run: CampaignRun) throws {
        self.run = run
        recording = try SharedRecording(run, parameters: "?heartbeat=2")
        first = try Joiner(0, .start, following: "tester", recording.team)
    }

    func play(_ tally: inout JoinsTally) throws {
        defer {
            for joiner in joiners + [first] { try? joiner.end() }
            recording.end()
        }
        try waitUntil(60, "the first follower is live: \(first.condition)") { [first] in first.condition.isLive }
        for number in 1...Self.joins where run.goesOn {
            recording.work()
            let start = Joiner.Start.allCases.randomElement(using: &run.random) ?? .live
            joiners.append(try Joiner(number, start, following: "tester", recording.team))
            tally.joins["\(start)", default: 0] += 1
            let mishap = Mishap.allCases.randomElement(using: &run.random) ?? .none
            try befall(mishap)
            tally.mishaps["\(mishap)", default: 0] += 1
            recording.work()
            run.finishRound("\(start) joins, \(mishap); \(first.eventCount) events so far")
        }
        try compareAll(&tally)
    }

    private func befall(_ mishap: Mishap) throws {
        let joiner = joiners.randomElement(using: &run.random) ?? first
        switch mishap {
        case .agentKilled:
            try recording.awaitAgent()
            _ = try recording.killAgent()
        case .archiverKilled, .archiverAway:
            recording.team.killArchiver()
            run.pause(mishap == .archiverAway ? 5...9 : 0...0.3)
            try recording.team.startArchiver()
        case .brokerKilled:
            try recording.team.killBroker()
            run.pause(0...1)
            try recording.team.startBroker()
        case .followerReset: joiner.line.breakAll(.reset)
        case .followerHalfOpen:
            joiner.line.behaviour = .halfOpen
            recording.work()
            run.pause(0...4)
            joiner.line.behaviour = FaultBehaviour()
        case .followerThrottled:
            joiner.line.behaviour.bytesPerSecond = Int.random(in: 2000...50_000, using: &run.random)
            recording.flood(bytes: 20_000)
            recording.work()
            joiner.line.behaviour = FaultBehaviour()
        case .agentLineReset: recording.agentLine.breakAll(.reset)
        case .agentLineHalfOpen:
            recording.agentLine.behaviour = .halfOpen
            recording.work()
            run.pause(0...2)
            recording.agentLine.behaviour = FaultBehaviour()
        case .none: break
        }
    }

    /// The session ends; everybody must have all of it.
    private func compareAll(_ tally: inout JoinsTally) throws {
        for joiner in joiners {
            try waitUntil(60, "joiner \(joiner.number) joins: \(joiner.condition)") { joiner.hasJoined }
        }
        try recording.endSession()
        try recording.awaitArchived()
        let reader = try ArchiveReader(home: recording.stage.archiveHome)
        var (truth, heads): ([SourceID: [TimedEvent]], [SourceID: UInt64]) = ([:], [:])
        for source in try reader.sources() {
            truth[source.id] = try reader.events(of: source.id)
            heads[source.id] = source.head.seq
        }
        for joiner in [first] + joiners {
            try waitUntil(
                120, every: 0.1,
                "joiner \(joiner.number) (\(joiner.start)) has all: \(joiner.condition), \(joiner.lack(heads))"
            ) { joiner.has(heads) }
            if joiner.start != .live { try joiner.fetchHistory() }
            let compared = try joiner.compare(with: truth, states: first)
            guard joiner.number > 0 else { continue }
            tally.events += compared.events
            tally.states += compared.states
        }
    }
}
