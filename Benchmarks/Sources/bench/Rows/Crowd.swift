import AMQPBridge
import Delivery
import EventSchema
import Foundation

/// How long the broker takes to confirm a batch while somebody with a follow login holds all the queues it can on the
/// same person.
struct Crowd: Row {
    let name = "crowd"
    let title = "a batch confirmed beside a hostile follower's queues"
    let goal = ""

    func measure(_ lab: Lab) throws -> [Line] {
        let queues = BrokerNames.followerPlaces.count
        let seconds = lab.smoke ? 1 : 20
        let stage = try BrokerStage(lab, users: ["ada", "bob"], follows: [("bob", "ada")])
        defer { stage.end() }
        var lines: [Line] = []
        for rate in [20, 200] {
            let work = try TeamWork.under("ada", count: rate * seconds, Recordings(lab))
            let alone = try confirms(stage, work, rate: rate)
            let hostile = try AMQPOptions(url: stage.url(BrokerNames.followLogin(of: "bob")))
            let crowd = try blocking { try await Self.crowd(hostile) }
            let beside = try confirms(stage, work, rate: rate)
            try blocking { await crowd.close() }
            try stage.empty()
            for (name, part) in [("p50", 0.5), ("p99", 0.99)] {
                func at(_ times: [Double]) -> Double { times[Int(Double(times.count - 1) * part)] }
                let what = "confirm of a batch, \(rate)/s, each also live to \(queues) queues of a follower, \(name)"
                lines.append(
                    Line(
                        what: what, ours: Figure(value: at(beside), unit: "ms"),
                        peers: [("without them", Figure(value: at(alone), unit: "ms"))], moreIsBetter: false,
                        goal: goal, reached: nil))
            }
        }
        return lines
    }

    private static func crowd(_ options: AMQPOptions) async throws -> AMQPConnection {
        let connection = try await AMQPConnection.open(options)
        for place in BrokerNames.followerPlaces {
            let name = BrokerNames.followerQueue(of: "bob", place: place)
            try await connection.declare(
                AMQPTopology(
                    queues: [AMQPQueue(name, durable: false, exclusive: true, arguments: ["x-max-length": 1])],
                    bindings: [AMQPBinding(from: BrokerNames.live, to: .queue(name), routingKey: "ada.#")]))
        }
        return connection
    }

    /// Every batch live and to the archive's queue, at a rate.
    ///
    /// - Returns: how long each waited for its confirm, in milliseconds, sorted.
    private func confirms(_ stage: BrokerStage, _ work: TeamWork, rate: Int) throws -> [Double] {
        let options = try AMQPOptions(url: stage.url("ada"))
        return try blocking {
            let live = try await AMQPConnection.open(options)
            let events = try await AMQPConnection.open(options)
            let start = ContinuousClock.now
            let times = try await withThrowingTaskGroup(of: Double.self) { group in
                for (number, batch) in work.batches.enumerated() {
                    let wire = WireMessage(user: batch.user, kind: batch.kind, content: .batch(batch.batch))
                    let (message, copy) = (batch.message, wire.published(to: BrokerNames.live))
                    group.addTask {
                        try await Task.sleep(until: start + .seconds(number) / rate, clock: .continuous)
                        live.publish(copy)
                        let sent = ContinuousClock.now
                        let result = await events.publish(message, mandatory: true)
                        guard result == .confirmed else { throw NotMeasured(reason: "not confirmed: \(result)") }
                        return (ContinuousClock.now - sent).seconds * 1000
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            await live.close()
            await events.close()
            return times.sorted()
        }
    }
}
