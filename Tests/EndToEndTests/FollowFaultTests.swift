import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation
import Synchronization
import TestSupport
import Testing

/// A follower that stands still, one whose grant is taken back, and what leaves when nobody may follow any more.
@Suite struct FollowFaultTests {
    @Test func aStoppedFollowerIsCompleteAfterwardsAndNobodyElseNotices() async throws {
        let bed = try await TeamBed(["alice", "bob", "carol"], follows: [("bob", "alice"), ("carol", "alice")])
        let serve = try bed.serve()
        let (alice, bob, carol) = (try bed.person("alice"), try bed.person("bob"), try bed.person("carol"))
        // The broker gives the stopped one up within 6 s.
        let stopped = try bed.follow(bob, ["--json"], parameters: "?heartbeat=2")
        let other = try bed.follow(carol, as: "carol", ["--json"])
        try await bed.isFollowed()
        try await bed.isFollowed(by: "f-carol")
        let rec = try TypedRecording(alice, ["--broker", bed.url("alice")])
        try rec.type("echo both")
        try await eventually("both see it: \(serve.said)") {
            stopped.said.contains("both") && other.said.contains("both")
        }
        kill(stopped.pid, SIGSTOP)
        let before = stopped.said
        // Long enough that the broker gives it up; a minute where somebody has the time.
        let seconds = ProcessInfo.processInfo.environment["PLAYHEAD_STOP_SECONDS"].flatMap { Int($0) } ?? 14
        for number in 1...max(1, seconds) {
            try rec.type("seq \(number)000 \(number)300; echo mark-$((\(number) * 1001))")
            try await eventually("the other sees it at once: \(other.said.suffix(300))", within: .seconds(20)) {
                other.said.contains("mark-\(number * 1001)")
            }
            try await Task.sleep(for: .seconds(1))
        }
        #expect(stopped.said == before)
        kill(stopped.pid, SIGCONT)
        try rec.type("echo after")
        #expect(rec.finish() == 0)
        try await bed.archived(alice)
        let wanted = try TeamBed.addresses(try await alice.run(["cat", "last", "--json"]).output).sorted()
        for program in [stopped, other] {
            try await eventually("complete: \(program.said.suffix(300))") {
                try TeamBed.addresses(program.said).sorted() == wanted
            }
        }
        let statistics = try #require(serve.said.split(separator: "\n").last { $0.contains("\"duplicates\"") })
        #expect(statistics.contains("\"duplicates\":0"), "\(statistics)")
    }

    @Test func whoIsRevokedSeesNothingMore() async throws {
        let bed = try await TeamBed(["alice", "bob"], follows: [("bob", "alice")])
        let serve = try bed.serve()
        let (alice, bob) = (try bed.person("alice"), try bed.person("bob"))
        let follower = try bed.follow(bob, ["--json"])
        try await bed.isFollowed()
        let rec = try TypedRecording(alice, ["--broker", bed.url("alice")])
        try rec.type("echo granted")
        try await eventually("bob sees it: \(follower.said) \(serve.said)") { follower.said.contains("granted") }
        let revoked = try await bed.runTeam("revoke", "bob", "alice")
        #expect(revoked.status == 0, "\(revoked.error)")
        try rec.type("echo taken-back")
        #expect(try await follower.exitStatus() == 77, "\(follower.said)")
        #expect(follower.said.contains("playhead team grant"), "\(follower.said)")
        #expect(rec.finish() == 0)
        try await bed.archived(alice)
        #expect(!follower.said.contains("taken-back"))
        // Neither does the archive show him what he saw before.
        for command in [["cat", "@alice"], ["play", "@alice"], ["ls", "@alice"]] {
            let past = try await bob.run(command + ["--broker", bed.url("bob")])
            #expect(!past.output.contains("granted"), "\(command) \(past.output)")
        }
    }

    @Test func afterUnshareNotOneMessageLeaves() async throws {
        let bed = try await TeamBed(["alice", "bob"], follows: [("bob", "alice")])
        let serve = try bed.serve()
        let alice = try bed.person("alice", ["PLAYHEAD_AGENT_IDLE": "120"])
        let counter = try await MessageCounter(bed, ofUser: "alice")
        let rec = try TypedRecording(alice, ["--broker", bed.url("alice")])
        try rec.type("echo shared")
        try await eventually("it leaves \(serve.said)") { counter.count > 2 }
        #expect(try await alice.run(["unshare"]).status == 0)
        let done = counter.count
        for number in 1...20 { try rec.type("echo kept-\(number); seq 1 500") }
        try await eventually("it is recorded") {
            try await alice.run(["cat", "last"]).output.contains("kept-20")
        }
        #expect(rec.finish() == 0)
        try await Task.sleep(for: .seconds(3))
        #expect(counter.count == done, "\(counter.keys.suffix(5))")
        await counter.close()
    }
}

/// Counts what somebody publishes, at the broker.
private final class MessageCounter: Sendable {
    private let seen = Mutex<[String]>([])
    private let connection: AMQPConnection

    init(_ bed: TeamBed, ofUser user: String) async throws {
        connection = try await AMQPConnection.open(AMQPOptions(url: bed.host.url))
        let queue = "counter"
        try await connection.declare(
            AMQPTopology(
                queues: [AMQPQueue(queue, durable: false, exclusive: true)],
                bindings: [BrokerNames.events, BrokerNames.live, BrokerNames.control].map {
                    AMQPBinding(from: $0, to: .queue(queue), routingKey: "#")
                }))
        let deliveries = try await connection.consume(AMQPConsumer(queue: queue, tag: "count", acknowledges: false))
        Task { [weak self] in
            for try await delivery in deliveries where delivery.message.properties.userID == user {
                self?.seen.withLock { $0.append(delivery.message.routingKey) }
            }
        }
    }

    var keys: [String] { seen.withLock { $0 } }
    var count: Int { keys.count }
    func close() async { await connection.close() }
}
