import Delivery
import EventSchema
import Foundation

/// A full quorum queue into the team's archive: the archiver as it serves, bare C into SQLite, pika and sqlite3 with
/// the archiver's checks. A commit holds at most 1,000 messages, `synchronous=FULL`, one acknowledgement after it.
struct Drain: Row {
    let name = "drain"
    let title = "drain the archive's queue into SQLite"
    let goal = "≥ 0.85× bare C, ≥ 2.5× pika"

    private struct Run {
        var seconds: Double
        var cpu: Double
    }

    func measure(_ lab: Lab) throws -> [Line] {
        let count = lab.smoke ? 2_000 : 200_000
        let work = try TeamWork.under("ada", count: count, Recordings(lab))
        let stage = try BrokerStage(lab, users: ["ada"])
        defer { stage.end() }
        // The first to use a new queue pays for its files.
        try stage.fill(work.first(count / 10))
        try stage.empty()
        let words = stage.words(BrokerNames.archiver)
        var (ours, searchable, cs, pikas): ([Run], [Run], [Run], [Run]) = ([], [], [], [])
        for _ in 0..<(lab.smoke || lab.alone ? 1 : 3) {
            try stage.fill(work)
            let (stored, indexed) = try archiver(lab, stage, count)
            ours.append(stored)
            searchable.append(indexed)
            if lab.alone { continue }
            try stage.fill(work)
            let c = try lab.broker("c", "drain", words + ["\(count)", lab.scrap("drain-c.db")])
            cs.append(Run(seconds: c.seconds, cpu: c.cpu))
            if lab.hasPika {
                try stage.fill(work)
                if let pika = try lab.pika("drain", words + ["\(count)", lab.scrap("drain-pika.db")]) {
                    pikas.append(Run(seconds: pika.seconds, cpu: pika.cpu))
                }
            }
        }
        func rate(_ runs: [Run]) -> Double { Double(count) / runs.map(\.seconds).median }
        func cpu(_ runs: [Run]) -> Double { runs.map(\.cpu).median / Double(count) * 100_000 }
        func line(_ what: String, _ unit: String, _ of: ([Run]) -> Double, more: Bool, _ goal: String, _ reached: Bool)
            -> Line
        {
            var peers = [(name: "bare C", figure: Figure(value: of(cs), unit: unit))]
            if !pikas.isEmpty { peers.append(("pika + sqlite3", Figure(value: of(pikas), unit: unit))) }
            return Line(
                what: what, ours: Figure(value: of(ours), unit: unit), peers: peers, moreIsBetter: more, goal: goal,
                reached: lab.smoke || pikas.isEmpty ? nil : reached)
        }
        return [
            line(
                "drain \(count) batches of \(work.averageSize) B into team.db, all checks on", "msg/s", rate,
                more: true,
                goal, rate(ours) >= 0.85 * rate(cs) && rate(ours) >= 2.5 * rate(pikas)),
            line(
                "CPU of the drain per 100,000 batches (index included, until it has them too: "
                    + "\(Figure.short(cpu(searchable))) s)", "s", cpu, more: false, "≤ 1/3 of pika's",
                cpu(ours) <= cpu(pikas) / 3),
            Line(
                what: "those batches stored and in the index", ours: Figure(value: rate(searchable), unit: "msg/s"),
                peers: [], moreIsBetter: true, goal: "", reached: nil),
        ]
    }

    /// Messages a second when a publisher and the archiver work at full speed at once, the index following.
    func atOnce(_ lab: Lab) throws -> Double {
        let count = lab.smoke ? 2_000 : 200_000
        let work = try TeamWork.under("ada", count: count, Recordings(lab))
        let stage = try BrokerStage(lab, users: ["ada"])
        defer { stage.end() }
        let file = lab.scraps.appending(path: "at-once.messages")
        try work.write(to: file)
        let home = lab.scraps.appending(path: "at-once-\(UUID().uuidString)")
        let child = try Child(role: "archiver", [home.path(), stage.text(BrokerNames.archiver), "\(count)"])
        defer { child.end() }
        // Until it consumes.
        Thread.sleep(forTimeInterval: 1)
        let start = ContinuousClock.now
        _ = try lab.broker("c", "publish", stage.words("ada") + [file.path()])
        _ = try child.next("seconds")
        return Double(count) / (ContinuousClock.now - start).seconds
    }

    private func archiver(_ lab: Lab, _ stage: BrokerStage, _ count: Int) throws -> (Run, Run) {
        let home = lab.scraps.appending(path: "drain-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        let child = try Child(role: "archiver", [home.path(), stage.text(BrokerNames.archiver), "\(count)"])
        defer { child.end() }
        let stored = try child.next()
        let indexed = try child.next()
        guard indexed["batches"]?.integer == Int64(count), indexed["refused"]?.integer == 0 else {
            throw NotMeasured(reason: "of \(count) batches the archiver says \(indexed.encoded)")
        }
        return (try run(stored), try run(indexed))
    }

    private func run(_ said: JSONValue) throws -> Run {
        guard let seconds = said["seconds"]?.double, let cpu = said["cpu"]?.double else {
            throw NotMeasured(reason: "the archiver said \(said.encoded)")
        }
        return Run(seconds: seconds, cpu: cpu)
    }
}

extension Lab {
    func scrap(_ name: String) -> String { scraps.appending(path: "\(UUID().uuidString)-\(name)").path() }

    /// Whether the peer in Python can run: a small run installs nothing.
    var hasPika: Bool { (try? tool("python/bin/python3")) != nil }

    /// Runs a peer that talks to the broker, in C.
    func broker(_ language: String, _ what: String, _ words: [String]) throws -> (seconds: Double, cpu: Double) {
        try seconds(JSONReader.read(run([tool("broker-\(language)"), what] + words).output))
    }

    /// Runs the same in Python; nil where it is not installed.
    func pika(_ what: String, _ words: [String]) throws -> (seconds: Double, cpu: Double)? {
        guard hasPika else { return nil }
        return try seconds(peer("broker.py", [what] + words))
    }

    private func seconds(_ said: JSONValue) throws -> (seconds: Double, cpu: Double) {
        guard let seconds = said["seconds"]?.double, let cpu = said["cpu"]?.double else {
            throw NotMeasured(reason: "the peer said \(said.encoded)")
        }
        return (seconds, cpu)
    }
}
