import Delivery
import EventSchema
import Foundation

/// Typing at a rate no team reaches, for long: does the memory of archiver and publisher stay?
struct Steady: Row {
    let name = "steady"
    let title = "memory under steady load"
    let goal = "within 5 % over the last 80 %"

    func measure(_ lab: Lab) throws -> [Line] {
        let asked = ProcessInfo.processInfo.environment["PLAYHEAD_BENCH_MINUTES"].flatMap { Double($0) }
        let seconds = lab.smoke ? 3 : (asked ?? 10) * 60
        let rate = lab.smoke ? 200.0 : 2000
        let stage = try BrokerStage(lab, users: ["ada"])
        defer { stage.end() }
        let pair = try PublishingPair(lab, stage, rate: rate, count: Int(seconds * rate))
        defer { pair.kill() }
        var memory: (archiver: [Double], publisher: [Double]) = ([], [])
        pair.begin()
        let start = ContinuousClock.now
        let step = min(1, seconds / 10)
        while (ContinuousClock.now - start).seconds < seconds - step / 2 {
            Thread.sleep(forTimeInterval: step)
            memory.archiver.append(pair.archiver.residentMemory)
            memory.publisher.append(pair.publisher.residentMemory)
        }
        let late = try pair.publisher.next("late")
        let waiting = try stage.waiting()
        guard late < 1 + seconds / 100 else { throw NotMeasured(reason: "the publisher came \(late) s late") }
        pair.end()
        return [("archiver", memory.archiver), ("publisher", memory.publisher)].map { name, samples in
            let kept = samples.dropFirst(samples.count / 5)
            let mean = kept.reduce(0, +) / Double(max(kept.count, 1))
            let most = kept.map { abs($0 - mean) }.max() ?? .nan
            let part = most / mean * 100
            let ends =
                "\(Figure.short(samples.first ?? .nan)) MB at first, \(Figure.short(samples.last ?? .nan)) at the end"
            return Line(
                what:
                    "\(name) at \(Int(rate)) batches/s for \(Figure.short(seconds / 60)) min: how far its memory is ever "
                    + "from its mean, \(Figure.short(mean)) MB, in the last 80 % (\(ends), \(waiting) waiting)",
                ours: Figure(value: part, unit: "%"), peers: [], moreIsBetter: false, goal: goal,
                reached: lab.smoke ? nil : part <= 5)
        }
    }
}

/// A publisher and an archiver, each in a process of its own.
final class PublishingPair {
    let archiver: Child
    let publisher: Child
    let team: URL
    let own: URL

    init(_ lab: Lab, _ stage: BrokerStage, rate: Double, count: Int) throws {
        let folder = lab.scraps.appending(path: "pair-\(UUID().uuidString)")
        team = folder.appending(path: "team")
        own = folder.appending(path: "own")
        archiver = try Child(role: "archiver", [team.path(), stage.text(BrokerNames.archiver), "0"])
        publisher = try Child(role: "publisher", [own.path(), stage.text("ada"), "\(rate)", "\(count)"])
        _ = try archiver.next("ready")
        _ = try publisher.next("ready")
        // Its relay asks the archive how far it is.
        Thread.sleep(forTimeInterval: 1)
    }

    func begin() { publisher.say("go") }

    func end() {
        publisher.end()
        archiver.end()
    }

    func kill() {
        publisher.kill()
        archiver.kill()
    }
}
