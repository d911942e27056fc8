import Delivery
import EventSchema
import Foundation
import Model
import Synchronization

/// Some followers of one person, each with a connection and a state of its own.
final class FollowersRole: Sendable {
    private struct Seen {
        var model: SourceModel?
        /// When each edit was in the state, in nanoseconds of a clock of the system's.
        var times: [UInt64] = []
        var isLive = false
    }

    private final class One: Sendable {
        let seen = Mutex(Seen())
    }

    private let logins: [BrokerLogin]
    private let leader: String
    private let edits: Int
    private let all: [One]

    /// - Parameter logins: with a comma between them; a broker lets each have so many followers and no more.
    init(logins: String, leader: String, edits: Int, followers: Int) throws {
        self.logins = try logins.split(separator: ",").map { try BrokerLogin(String($0)) }
        self.leader = leader
        self.edits = edits
        all = (0..<followers).map { _ in One() }
    }

    /// Says when all are live, and when all have all edits; their times are in `file` then, one follower after another.
    func follow(timesInto file: URL) throws {
        let followers = all.enumerated().map { number, one in
            Follower([FollowTarget(user: leader)], as: logins[number % logins.count]) { updates in
                one.seen.withLock { seen in for update in updates { Self.take(update, &seen) } }
            }
        }
        for follower in followers { follower.start() }
        try wait(until: { $0.isLive }, "live")
        Role.say(["ready": 1])
        let edits = edits
        try wait(until: { $0.times.count >= edits }, "has all")
        var data = Data()
        for one in all {
            one.seen.withLock { seen in seen.times.withUnsafeBytes { data += $0.prefix(8 * edits) } }
        }
        try data.write(to: file)
        Role.say(["done": 1])
        Role.waitForEnd()
        try blocking { for follower in followers { await follower.stop() } }
    }

    private func wait(until isSo: @Sendable (borrowing Seen) -> Bool, _ what: String) throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while !all.allSatisfy({ one in one.seen.withLock { isSo($0) } }) {
            guard .now < deadline else { throw NotMeasured(reason: "a follower never: \(what)") }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    private static func take(_ update: FollowUpdate, _ seen: inout Seen) {
        switch update {
        case .state(let model): seen.model = model
        case .events(let source, let events):
            for timed in events {
                if seen.model == nil { seen.model = SourceModel(source: source) }
                seen.model?.apply(timed)
                if case .edit = timed.event.body { seen.times.append(monotonicNanoseconds()) }
            }
        case .condition(let condition): seen.isLive = condition.isLive
        default: break
        }
    }
}
