import AMQPBridge
import Delivery
import Foundation
import TestSupport
import Testing

/// An archiver that cannot work: it stops where waiting mends nothing, with a status for scripts and words for a person,
/// and goes on trying, visibly, where it does.
@Suite(.serialized) struct ArchiverFaultTests {
    private let bed: TeamBed

    init() async throws { bed = try await TeamBed(["alice"], on: try await PublisherFaultTests.broker.value) }

    private func stops(_ status: Int32, at url: String? = nil, _ words: String...) async throws {
        let serve = try bed.serve(at: url)
        #expect(try await serve.exitStatus() == status, "\(serve.said)")
        let last = serve.said.split(separator: "\n").last.map(String.init) ?? ""
        #expect(last.hasPrefix("playhead: amqp"), "where: \(last)")
        for word in words + ["does not let the archiver work"] { #expect(last.contains(word), "\(word): \(last)") }
        #expect(!serve.said.contains("secret") && !serve.said.contains("mistaken"), "a password is never shown")
    }

    @Test func aWrongPassword() async throws {
        try await stops(
            77, at: bed.url("archiver", password: "mistaken"), "user 'archiver' or the password is wrong",
            "playhead broker url --as archiver", "playhead team add archiver --new-password")
    }

    @Test func aVirtualHostThatIsNotThere() async throws {
        let url = bed.url("archiver").replacing(bed.host.name, with: "elsewhere")
        try await stops(66, at: url, "no virtual host 'elsewhere'", "playhead team apply")
    }

    @Test func aMissingPermission() async throws {
        try await bed.permit("archiver", configure: ".*")
        try await stops(77, "needs this permission", "playhead team apply")
        // It may take, and may not say how far it is.
        try await bed.permit("archiver", configure: ".*", write: #"playhead\.(archive|requests)"#, read: ".*")
        try await stops(77, "playhead.control", "needs this permission", "playhead team apply")
        #expect(try await bed.teamApply().status == 0)
        try await works(try bed.serve())
    }

    @Test func aQueueThatIsDeclaredOtherwise() async throws {
        try await bed.host.deleteQueue(BrokerNames.archiveQueue)
        let admin = try await AMQPConnection.open(AMQPOptions(url: bed.host.url))
        try await admin.declare(AMQPQueue(BrokerNames.archiveQueue))
        await admin.close()
        try await stops(77, "queue 'playhead.archive'", "delete it", "publishers still have what the queue holds")
    }

    @Test func certificates() async throws {
        let certificates = try await onThread { try Certificates() }
        try certificates.make("wrong", subject: "elsewhere", names: "DNS:elsewhere.example")
        try certificates.make("old", subject: "old", names: "DNS:localhost", days: -1)
        let (wrong, old) = (try freePort(), try freePort())
        try await bed.host.broker.listen(with: "wrong", of: certificates, at: wrong)
        try await bed.host.broker.listen(with: "old", of: certificates, at: old)
        try await stops(
            69, at: bed.url("archiver", tls: wrong, certificates), "certificate is not for 'localhost'",
            "server_name_indication")
        try await stops(
            69, at: bed.url("archiver", tls: old, certificates), "certificate has expired", "must renew it")
        try await works(
            try bed.serve(
                at: bed.url("archiver", tls: wrong, certificates, "&server_name_indication=elsewhere.example")))
    }

    @Test func aURLThatIsNone() async throws {
        let serve = try await bed.archiver.run(["serve", "--broker", "amqp://archiver:x@[broken/"])
        #expect(serve.status == 64 && serve.error.contains("character"), "\(serve.error)")
        let alice = try await bed.archiver.run(["serve", "--broker", bed.url("alice")])
        #expect(alice.status == 64 && alice.error.contains("with the login 'archiver'"), "\(alice.error)")
    }

    /// Nobody there is no reason to stop.
    @Test func aBrokerThatIsNotThereYet() async throws {
        let proxy = try FaultProxy(to: bed.host.url.port)
        proxy.behaviour.refuses = true
        let url = bed.url("archiver").replacing(":\(bed.host.url.port)/", with: ":\(proxy.port)/")
        let serve = try bed.serve(at: url)
        try await eventually("it says that it waits: \(serve.said)") {
            serve.said.contains("tried again until it works") && serve.said.contains(#""state":"waiting: "#)
        }
        #expect(serve.isRunning)
        proxy.behaviour = FaultBehaviour()
        try await works(serve)
        proxy.end()
    }

    @Test(arguments: [TestBroker.Resource.memory, .disk])
    func anAlarm(resource: TestBroker.Resource) async throws {
        try await bed.host.broker.alarm(resource)
        let serve = try bed.serve()
        try await eventually("it says so: \(serve.said)") {
            serve.said.contains("the broker takes nothing (low on \(resource.rawValue))")
                && serve.said.contains(#""state":"blocked: low on "#)
        }
        try await bed.host.broker.alarm(resource, false)
        try await works(serve)
    }

    private func works(_ serve: RunningProgram) async throws {
        try await eventually("it works: \(serve.said)") {
            serve.said.split(separator: "\n").last { $0.hasPrefix("{") }?.contains(#""state":"open""#) == true
        }
        #expect(serve.terminate() == 0, "\(serve.said)")
    }
}
