import Archive
import ArgumentParser
import Delivery
import EventSchema
import Foundation
import TestSupport

/// Who works and who follows are on two machines; the cable between them is pulled and put back.
struct ApartCampaign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apart", abstract: "Two machines as network namespaces, cut off from each other and healed.")

    @OptionGroup var options: CampaignOptions

    func run() throws {
        try TwoMachines.enter()
        try CampaignRun.carryOut("apart", options, rounds: 6) { run in
            var tally = ApartTally()
            while run.goesOn { try ApartScene(run).play(&tally) }
            run.note("cut off for \(text(tally.apart)) in all, the longest time \(text(tally.longest))")
            run.note("\(tally.batches) batches in the team's archive as the witness saw them, \(tally.texts) texts")
            run.note("\(tally.events) events of a follower compared")
        }
    }
}

struct ApartTally {
    var apart = Duration.zero
    var longest = Duration.zero
    var batches = 0
    var texts = 0
    var events = 0
}

/// One session on the other machine; broker, archiver and a follower are here.
final class ApartScene {
    private static let cuts = 6

    private let run: CampaignRun
    private let network: TwoMachines
    private let recording: SharedRecording
    private let follower: Joiner

    init(_ run: CampaignRun) throws {
        self.run = run
        network = try TwoMachines()
        recording = try SharedRecording(run, parameters: "?heartbeat=2", network: network)
        follower = try Joiner(0, .start, following: "tester", recording.team)
    }

    func play(_ tally: inout ApartTally) throws {
        defer {
            try? follower.end()
            recording.end()
            network.end()
        }
        try waitUntil(60, "the follower is live: \(follower.condition)") { [follower] in follower.condition.isLive }
        for _ in 0..<Self.cuts where run.goesOn {
            recording.work()
            let start = ContinuousClock.now
            try network.cut()
            // Shorter than a heartbeat, and long enough that both sides give up.
            let length = [0.2...2, 2...9, 9...15].randomElement(using: &run.random) ?? 0.2...2
            let end = start + .seconds(Double.random(in: length, using: &run.random))
            while .now < end {
                recording.work()
                try recording.expectAnswers()
            }
            try network.heal()
            let apart = ContinuousClock.now - start
            (tally.apart, tally.longest) = (tally.apart + apart, max(tally.longest, apart))
            recording.work()
            if run.chance(2) { try awaitFollower() }
            run.finishRound(
                "apart for \(text(apart)); "
                    + "\(recording.witness.acceptedCount) batches accepted so far")
        }
        let compared = try recording.compareAll()
        (tally.batches, tally.texts) = (tally.batches + compared.batches, tally.texts + compared.texts)
        try compareFollower(&tally)
    }

    /// It has all that there is now.
    private func awaitFollower() throws {
        let heads = try heads()
        try waitUntil(60, "the follower catches up: \(follower.condition), \(recording.relayState)") { [follower] in
            follower.has(heads)
        }
    }

    private func compareFollower(_ tally: inout ApartTally) throws {
        let reader = try ArchiveReader(home: recording.stage.archiveHome)
        try awaitFollower()
        var truth: [SourceID: [TimedEvent]] = [:]
        for source in try reader.sources() { truth[source.id] = try reader.events(of: source.id) }
        try follower.fetchHistory()
        tally.events += try follower.compare(with: truth, states: follower).events
    }

    private func heads() throws -> [SourceID: UInt64] {
        let sources = try ArchiveReader(home: recording.stage.archiveHome).sources()
        return Dictionary(sources.map { ($0.id, $0.head.seq) }) { max($0, $1) }
    }
}

private func text(_ time: Duration) -> String {
    time.formatted(.units(allowed: [.seconds], fractionalPart: .show(length: 1)))
}
