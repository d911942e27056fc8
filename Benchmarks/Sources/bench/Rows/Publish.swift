import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation
import Logging

/// Batches of recorded work to the quorum queue, confirmed: from an archive by the relay, and by the bridge alone.
struct Publish: Row {
    let name = "publish"
    let title = "publish with confirms to the archive's queue"
    let goal = "≥ 0.85× bare C (bridge)"

    func measure(_ lab: Lab) throws -> [Line] {
        let count = lab.smoke ? 2_000 : 200_000
        let work = try TeamWork.under("ada", count: count, Recordings(lab))
        let stage = try BrokerStage(lab, users: ["ada"])
        defer { stage.end() }
        let file = lab.scraps.appending(path: "publish.messages")
        try work.write(to: file)
        // The first to use a new queue pays for its files.
        try stage.fill(work.first(count / 10))
        try stage.empty()

        func rate(_ seconds: Double) -> Double { Double(count) / seconds }
        var (relays, bridges, cs, pikas): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        var cpu = (relay: 0.0, c: 0.0)
        for _ in 0..<(lab.smoke ? 1 : 3) {
            let relay = try self.relay(lab, stage, work)
            relays.append(rate(relay.seconds))
            cpu.relay = relay.cpu
            try check(stage, count)
            let publications = work.batches.enumerated().map { number, batch in
                AMQPPublication(batch.message, token: UInt64(number), mandatory: true)
            }
            bridges.append(rate(try Publishing(publications).run(AMQPOptions(url: stage.url("ada"))).seconds))
            try check(stage, count)
            let c = try lab.broker("c", "publish", stage.words("ada") + [file.path()])
            cs.append(rate(c.seconds))
            cpu.c = c.cpu
            try check(stage, count)
            if let pika = try lab.pika("publish", stage.words("ada") + [file.path()]) {
                pikas.append(rate(pika.seconds))
                try check(stage, count)
            }
        }
        func line(_ what: String, _ ours: [Double], _ goal: String, _ reached: Bool?) -> Line {
            var peers = [(name: "bare C", figure: Figure(value: cs.median, unit: "msg/s"))]
            if !pikas.isEmpty { peers.append(("pika", Figure(value: pikas.median, unit: "msg/s"))) }
            return Line(
                what: what, ours: Figure(value: ours.median, unit: "msg/s"), peers: peers, moreIsBetter: true,
                goal: goal, reached: reached)
        }
        let size = work.averageSize
        return [
            line(
                "publish \(count) batches of \(size) B on average, confirmed, AMQPBridge alone", bridges, goal,
                lab.smoke ? nil : bridges.median >= 0.85 * cs.median),
            line(
                "the same from archive.db through the relay (CPU \(Figure.short(cpu.relay)) s, "
                    + "C \(Figure.short(cpu.c)) s)",
                relays, "", nil),
        ]
    }

    private func check(_ stage: BrokerStage, _ count: Int) throws {
        let waiting = try stage.waiting()
        guard waiting == count else {
            throw NotMeasured(reason: "the queue holds \(waiting) messages, not \(count)")
        }
        try stage.empty()
    }

    /// A relay of its own process, with the voice of an archive that has not stored what the queue holds for it.
    private func relay(_ lab: Lab, _ stage: BrokerStage, _ work: TeamWork) throws -> (seconds: Double, cpu: Double) {
        let folder = lab.scraps.appending(path: "relay-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let bed = try Bed(folder.appending(path: "own"))
        try bed.append(work.batches.map(\.batch))
        let team = try TeamArchive(home: ArchiveHome(folder.appending(path: "team"), of: .team), logger: Role.logger)
        let voice = ArchiveVoice(
            of: team, logger: Role.logger, now: Role.now, mayRead: { $0 == $1 && $2 == $2 }, isBusy: { true })
        voice.start(AMQPOptions(url: try stage.url(BrokerNames.archiver)))
        defer {
            try? blocking { await voice.stop() }
            team.stop()
        }
        let child = try Child(
            role: "relay", [bed.home.directory.path(), stage.text("ada"), "\(work.batches.count)"])
        defer { child.end() }
        let said = try child.next()
        guard let seconds = said["seconds"]?.double, let cpu = said["cpu"]?.double else {
            throw NotMeasured(reason: "the relay said \(said.encoded)")
        }
        return (seconds, cpu)
    }
}

extension [Double] {
    var median: Double { isEmpty ? .nan : sorted()[count / 2] }
}
