import Delivery
import EventSchema
import Foundation

/// From the call of `append` at whoever types until the edit is in the state of those who follow.
struct FollowLatency: Row {
    let name = "follow"
    let title = "append until it is in a follower's state"
    let goal = "p50 ≤ 0.35, p99 ≤ 1.0 ms (1 follower); p99 ≤ 5 ms (100); p50 ≤ 0.5 ms (slow disk)"

    private static let rate = 200.0
    private static let readers = (0..<5).map { "bob\($0)" }

    private struct Delays {
        var p50: Double
        var p99: Double
    }

    func measure(_ lab: Lab) throws -> [Line] {
        let count = lab.smoke ? 100 : 3_000
        let stage = try BrokerStage(
            lab, users: ["ada"] + Self.readers, follows: Self.readers.map { ($0, "ada") })
        defer { stage.end() }
        var lines: [Line] = []
        for followers in lab.smoke ? [1, 3] : [1, 10, 100] {
            let ours = try follow(lab, stage, count: count, followers: followers)
            let words = stage.words("ada") + ["\(count)", "\(Self.rate)", "240", "\(followers)"] + Self.readers
            let c = try Self.delays(lab.run([lab.tool("live-c")] + words).output)
            var peers: [(String, Delays)] = [("C publisher and consumers", c)]
            if lab.hasPika {
                do {
                    let said = try lab.peer("live.py", "\(count)", "\(Self.rate)", "\(followers)")
                    peers.append(("pycrdt-websocket", try Self.delays(Array(said.encoded.utf8))))
                } catch  where followers > 1 {
                    // Its readers do not get all of it within a minute of the last edit: no figure.
                    peers.append(("pycrdt-websocket, never all", Delays(p50: .infinity, p99: .infinity)))
                }
            }
            let goals = followers == 1 ? (0.35, 1.0) : followers == 100 ? (.nan, 5.0) : (Double.nan, Double.nan)
            lines += Self.lines("\(followers) follower\(followers == 1 ? "" : "s")", ours, peers, goals, lab)
        }
        let slow = try follow(
            lab, stage, count: count, followers: 1, environment: ["LD_PRELOAD": try lab.tool("slowsync.so")])
        return lines + Self.lines("1 follower, each flush to disk 5 ms slower", slow, [], (0.5, .nan), lab)
    }

    private static func lines(
        _ what: String, _ ours: Delays, _ peers: [(name: String, delays: Delays)], _ goals: (p50: Double, p99: Double),
        _ lab: Lab
    ) -> [Line] {
        func line(_ name: String, _ part: KeyPath<Delays, Double>, _ goal: Double) -> Line {
            Line(
                what: "append until it is in a follower's state, \(Int(rate)) edits/s, \(what), \(name)",
                ours: Figure(value: ours[keyPath: part], unit: "ms"),
                peers: peers.map { ($0.name, Figure(value: $0.delays[keyPath: part], unit: "ms")) },
                moreIsBetter: false, goal: goal.isNaN ? "" : "≤ \(goal) ms",
                reached: lab.smoke || goal.isNaN ? nil : ours[keyPath: part] <= goal)
        }
        return [line("p50", \.p50, goals.p50), line("p99", \.p99, goals.p99)]
    }

    private static func delays(_ said: [UInt8]) throws -> Delays {
        let line = try JSONReader.read(said)
        guard let p50 = line["p50"]?.double, let p99 = line["p99"]?.double else {
            throw NotMeasured(reason: "the peer said \(line.encoded)")
        }
        return Delays(p50: p50, p99: p99)
    }

    /// The whole line: who types, the broker, an archiver, and those who follow in one process.
    private func follow(
        _ lab: Lab, _ stage: BrokerStage, count: Int, followers: Int, environment: [String: String] = [:]
    ) throws -> Delays {
        let folder = lab.scraps.appending(path: "follow-\(UUID().uuidString)")
        let own = folder.appending(path: "own")
        let times = folder.appending(path: "seen")
        let archiver = try Child(
            role: "archiver", [folder.appending(path: "team").path(), stage.text(BrokerNames.archiver), "0"])
        defer { archiver.kill() }
        _ = try archiver.next("ready")
        let leader = try Child(
            role: "leader", [own.path(), stage.text("ada"), "\(Self.rate)", "\(count)"], environment: environment)
        defer { leader.kill() }
        _ = try leader.next("ready")
        // The first batch opens the document.
        let edits = count - 1
        let logins = Self.readers.map(stage.text).joined(separator: ",")
        let following = try Child(role: "followers", [logins, "\(edits)", "\(followers)", times.path()])
        defer { following.kill() }
        _ = try following.next("ready")
        leader.say("go")
        _ = try leader.next("late")
        _ = try following.next("done")
        let appended = try Self.numbers(own.appending(path: "appended"))
        let seen = try Self.numbers(times)
        for child in [following, leader, archiver] { child.end() }
        guard appended.count == count, seen.count == edits * followers else {
            throw NotMeasured(reason: "\(appended.count) appended, \(seen.count) seen")
        }
        // The first second starts everything.
        let first = min(Int(Self.rate), edits / 2)
        let delays = (0..<followers).flatMap { follower in
            (first..<edits).map { edit in
                (Double(seen[follower * edits + edit]) - Double(appended[edit + 1])) / 1e6
            }
        }.sorted()
        return Delays(p50: delays[delays.count / 2], p99: delays[delays.count * 99 / 100])
    }

    private static func numbers(_ file: URL) throws -> [UInt64] {
        let data = try Data(contentsOf: file)
        return (0..<data.count / 8).map { index in
            data[(8 * index)..<(8 * index + 8)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
    }
}
