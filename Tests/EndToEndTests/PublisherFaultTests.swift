import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation
import TestSupport
import Testing

/// What a person who records reads while the team's broker does not take it: what, where, what to do. Nothing is lost,
/// and once it is mended everything arrives.
@Suite(.serialized) struct PublisherFaultTests {
    static let broker = Task { try await TestBroker.own() }

    private let bed: TeamBed
    private let alice: Playhead

    init() async throws {
        bed = try await TeamBed(["alice"], on: try await Self.broker.value)
        alice = try bed.person("alice", ["PLAYHEAD_AGENT_IDLE": "120"])
    }

    private func record(_ url: String, _ script: String = "echo hello\nseq 1 50\n") async throws -> Playhead.Outcome {
        let rec = try await alice.run(["rec", "--headless", "--broker", url], input: script)
        #expect(rec.status == 0, "a broker never stops a recording: \(rec.error)")
        return rec
    }

    /// What `status --json` says of the broker.
    private func relay() async throws -> JSONValue {
        let status = try await alice.run(["status", "--json"])
        return try JSONReader.read(status.output.utf8)["relays"]?.array?.first ?? .null
    }

    /// Waits until the broker stands so, and compares the words a person reads.
    private func told(_ state: String, _ words: String...) async throws {
        try await eventually("state \(state)", within: .seconds(30)) { try await relay()["state"]?.string == state }
        let status = try await alice.run(["status"])
        for word in words + ["not archived yet"] { #expect(status.output.contains(word), "\(word): \(status.output)") }
    }

    private func allArrives(_ serve: RunningProgram) async throws {
        try await bed.archived(alice)
        #expect(try bed.holdsTheSame(as: alice), "\(serve.said)")
        try await eventually("nothing waits") { try await relay()["unsent"]?.integer == 0 }
        #expect(try await relay()["state"]?.string == "connected")
        let status = try await alice.run(["status"])
        #expect(status.output.contains("all archived"), "\(status.output)")
        #expect(serve.terminate() == 0, "\(serve.said)")
    }

    /// Told when the recording starts and when it ends, by `status` at any time, and mended by saying it right.
    private func isRefused(_ url: String, _ reason: String, _ next: String) async throws {
        let rec = try await record(url)
        let (start, end) = rec.error.halves(at: "ended.")
        for half in [start, end] {
            #expect(half.contains("127.0.0.1") || half.contains("localhost"), "where: \(rec.error)")
            #expect(half.contains(reason) && half.contains(next), "\(rec.error)")
            #expect(half.contains("Kept here"), "\(rec.error)")
        }
        #expect(!rec.error.contains("secret") && !rec.error.contains("mistaken"), "a password is never shown")
        try await told("waiting", "not connected", reason, next)
        let relay = try await relay()
        #expect(relay["reason"]?.string?.contains(reason) == true, "\(relay)")
        #expect(relay["next"]?.string?.contains(next) == true, "\(relay)")
        #expect((relay["unsent"]?.integer ?? 0) > 0)
    }

    private func isMended(by url: String) async throws {
        let shared = try await alice.run(["share", "last", "--broker", url])
        #expect(shared.status == 0, "\(shared.error)")
        try await allArrives(try bed.serve())
    }

    @Test func aWrongPassword() async throws {
        try await isRefused(
            bed.url("alice", password: "mistaken"), "user 'alice' or the password is wrong", "share --broker URL")
        try await isMended(by: bed.url("alice"))
    }

    @Test func aVirtualHostThatIsNotThere() async throws {
        try await bed.manage("DELETE", "vhosts/\(bed.host.name)")
        try await isRefused(
            bed.url("alice"), "no virtual host '\(bed.host.name)'", "playhead team apply")
        let apply = try await bed.teamApply()
        #expect(apply.status == 0, "\(apply.error)")
        try await isMended(by: bed.url("alice"))
    }

    @Test func aMissingPermission() async throws {
        try await bed.permit("alice")
        // The broker lets her in; it is told when something is sent, after the archive was asked in vain.
        _ = try await record(bed.url("alice"))
        try await told("waiting", "not connected", "access to exchange 'playhead.events'", "playhead team apply")
        #expect(try await bed.teamApply().status == 0)
        try await isMended(by: bed.url("alice"))
    }

    /// A person who may publish and whose follow login may not hear is not told that all is well.
    @Test func anArchiveThatMayNotBeHeard() async throws {
        try await bed.permit("f-alice")
        let serve = try bed.serve()
        _ = try await record(bed.url("alice"))
        try await told("connected", "the archive is not heard", "needs this permission", "playhead team apply")
        #expect(try await bed.teamApply().status == 0)
        #expect(try await alice.run(["rec", "--headless", "--broker", bed.url("alice")], input: "").status == 0)
        try await allArrives(serve)
    }

    @Test func aCertificateForAnotherName() async throws {
        let certificates = try await onThread { try Certificates() }
        try certificates.make("wrong", subject: "elsewhere", names: "DNS:elsewhere.example")
        let port = try freePort()
        try await bed.host.broker.listen(with: "wrong", of: certificates, at: port)
        try await isRefused(
            bed.url("alice", tls: port, certificates), "certificate is not for 'localhost'", "share --broker URL")
        try await isMended(
            by: bed.url("alice", tls: port, certificates, "&server_name_indication=elsewhere.example"))
    }

    @Test func aCertificateThatHasExpired() async throws {
        let certificates = try await onThread { try Certificates() }
        try certificates.make("old", subject: "old", names: "DNS:localhost", days: -1)
        let port = try freePort()
        try await bed.host.broker.listen(with: "old", of: certificates, at: port)
        try await isRefused(
            bed.url("alice", tls: port, certificates), "certificate has expired: its operator must renew it",
            "share --broker URL")
    }

    @Test func aBrokerThatIsNotThere() async throws {
        let url = "amqp://alice:secret@127.0.0.1:\(try freePort())/\(bed.host.name)"
        try await isRefused(url, "nobody answers", "it is tried again by itself")
    }

    @Test func alarmsOfMemoryAndDisk() async throws {
        let serve = try bed.serve()
        _ = try await record(bed.url("alice"))
        try await bed.archived(alice)
        for resource in [TestBroker.Resource.memory, .disk] {
            try await bed.host.broker.alarm(resource)
            _ = try await record(bed.url("alice"))
            try await told(
                "blocked", "out of memory or disk (low on \(resource.rawValue))", "its operator makes room",
                "goes on by itself")
            try await bed.host.broker.alarm(resource, false)
            try await bed.archived(alice)
        }
        try await allArrives(serve)
    }

    @Test func aQueueAtItsLimit() async throws {
        try await bed.manage(
            "PUT", "policies/\(bed.host.name)/small",
            #"{"pattern":"^playhead.archive$","definition":{"max-length":3},"apply-to":"queues"}"#)
        // It tells of it whoever connects when the queue is full, and takes its time to keep a new limit.
        _ = try await record(bed.url("alice"))
        try await eventually("the broker keeps the limit") {
            let admin = try await AMQPConnection.open(AMQPOptions(url: bed.host.url))
            let result = await admin.publish(
                AMQPMessage(exchange: "", routingKey: BrokerNames.archiveQueue), mandatory: true)
            await admin.close()
            return result == .refused
        }
        #expect(try await alice.run(["agent", "--stop"]).status == 0)
        let rec = try await record(bed.url("alice"))
        try await told("full", "the archive's queue is full", "`playhead serve` there empties it")
        #expect(rec.error.contains("Kept here"), "\(rec.error)")
        try await allArrives(try bed.serve())
    }

    @Test func aQueueThatIsDeleted() async throws {
        try await bed.host.deleteQueue(BrokerNames.archiveQueue)
        _ = try await record(bed.url("alice"))
        try await told("unroutable", "the broker has no queue for the archive", "`playhead serve`")
        let serve = try bed.serve()
        try await bed.archived(alice)
        // And under the archiver, with what it had not taken.
        try await bed.host.deleteQueue(BrokerNames.archiveQueue)
        _ = try await record(bed.url("alice"))
        try await eventually("the archiver says so: \(serve.said)") { serve.said.contains("queue was deleted") }
        try await allArrives(serve)
    }

    @Test func connectionsThatAnOperatorCloses() async throws {
        let serve = try bed.serve()
        let script = "for i in $(seq 20); do echo $i; sleep 0.1; done\n"
        async let recorded = record(bed.url("alice"), script)
        for _ in 0..<3 {
            try await Task.sleep(for: .milliseconds(500))
            for login in ["alice", "f-alice", "archiver"] { try await bed.host.broker.closeConnections(of: login) }
        }
        _ = try await recorded
        #expect(serve.said.contains("an operator closed it"), "\(serve.said)")
        let log = try String(contentsOf: ArchiveHome(alice.archiveHome).log, encoding: .utf8)
        #expect(log.contains("an operator closed it"), "\(log)")
        try await allArrives(serve)
    }
}

extension String {
    /// What stands before and after the first `mark`.
    fileprivate func halves(at mark: String) -> (String, String) {
        guard let range = range(of: mark) else { return (self, "") }
        return (String(self[..<range.lowerBound]), String(self[range.upperBound...]))
    }
}
