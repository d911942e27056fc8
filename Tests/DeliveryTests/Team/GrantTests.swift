import AMQPBridge
import Delivery
import EventSchema
import Foundation
import TestSupport
import Testing

/// What a real broker lets a team's people do.
@Suite(.serialized) struct GrantTests {
    private static let broker = Task { try await TestBroker.own() }

    private let session = SessionID.make(at: RecordTime(milliseconds: 1_790_000_000_000))

    private func team() throws -> TeamFile {
        var team = TeamFile(archiverPassword: PasswordHash(of: "archive"))
        for name in ["alice", "bob"] { try team.add(name, password: PasswordHash(of: name)) }
        return team
    }

    /// Applies the team, by both ways in turn.
    private func apply(_ team: TeamFile) async throws {
        let broker = try await Self.broker.value
        try await onThread {
            try TeamBroker.management(broker.management).apply(team)
            try TeamBroker.node(broker.node).apply(team)
        }
    }

    private func connect(_ login: String, _ password: String) async throws -> AMQPConnection {
        var url = try await Self.broker.value.place.url
        url.user = login
        url.password = password
        url.explicitVirtualHost = BrokerNames.virtualHost
        return try await AMQPConnection.open(AMQPOptions(url: url, connectionName: "grants"))
    }

    private func key(_ user: String) throws -> String {
        let source = SourceID.make(at: RecordTime(milliseconds: 1_790_000_000_000))
        return try #require(RoutingKey(user: user, session: session, kind: "editor", source: source)).description
    }

    /// What becomes of one message on a connection of its own.
    private func publish(
        as login: String, _ password: String, to exchange: String, _ key: String, userID: String? = nil
    ) async throws -> AMQPSettlement.Result {
        let connection = try await connect(login, password)
        let properties = AMQPProperties(userID: userID ?? login)
        let result = await connection.publish(
            AMQPMessage(exchange: exchange, routingKey: key, properties: properties, body: [1]), mandatory: true)
        await connection.close()
        return result
    }

    /// Whether bob may bind a queue of his so; refused and closed if not.
    private func mayBind(_ exchange: String, _ key: String, queue: String? = nil) async throws -> Bool {
        let connection = try await connect("f-bob", "bob")
        let name = queue ?? BrokerNames.followerQueue(of: "bob", place: "7")
        let topology = AMQPTopology(
            queues: [AMQPQueue(name, durable: false, exclusive: true)],
            bindings: [AMQPBinding(from: exchange, to: .queue(name), routingKey: key)])
        do throws(AMQPError) {
            try await connection.declare(topology)
            await connection.close()
            return true
        } catch {
            #expect(error.code == .refused, "\(error)")
            await connection.close()
            return false
        }
    }

    @Test func everyLoginHasARowForEveryTopicExchange() async throws {
        try await apply(try team())
        let broker = try await Self.broker.value
        let rows = try await broker.ctl("list_topic_permissions", "-p", BrokerNames.virtualHost).split(separator: "\n")
        for login in ["alice", "f-alice", "bob", "f-bob", "archiver"] {
            for exchange in [BrokerNames.events, BrokerNames.live, BrokerNames.control, "amq.topic"] {
                #expect(rows.contains { $0.hasPrefix("\(login)\t\(exchange)\t") }, "\(login) \(exchange)")
            }
        }
        let queues = try await broker.ctl("list_queues", "-p", BrokerNames.virtualHost, "name", "type", "arguments")
        #expect(queues.contains("playhead.archive\tquorum"), "\(queues)")
        #expect(queues.contains("x-single-active-consumer"))
        // What a program declares is what the definitions made.
        let admin = try await connect("archiver", "archive")
        try await admin.declare(BrokerTopology.team)
        await admin.close()
    }

    @Test func publishesUnderOnesOwnNameOnly() async throws {
        try await apply(try team())
        for exchange in [BrokerNames.events, BrokerNames.live] {
            let own = try await publish(as: "alice", "alice", to: exchange, try key("alice"))
            #expect(own == (exchange == BrokerNames.events ? .confirmed : .unroutable))
            for wrong in [try key("bob"), "alice", "", "alicex.y", "#"] {
                #expect(try await publish(as: "alice", "alice", to: exchange, wrong) == .lost, "\(wrong)")
            }
        }
        #expect(try await publish(as: "alice", "alice", to: "", BrokerNames.archiveQueue) == .lost)
        #expect(try await publish(as: "alice", "alice", to: "amq.topic", try key("alice")) == .lost)
        let forged = try await publish(as: "alice", "alice", to: BrokerNames.events, try key("alice"), userID: "bob")
        #expect(forged != .confirmed)
        let watermark = BrokerNames.watermarkKey(user: "alice", session: session)
        #expect(try await publish(as: "alice", "alice", to: BrokerNames.control, watermark) == .lost)
        // Neither can she make queues, whose dead letters would carry any key.
        let connection = try await connect("alice", "alice")
        await #expect(throws: AMQPError.self) { try await connection.declare(AMQPQueue("alice.own")) }
        await connection.close()
    }

    @Test func followsWhatIsGrantedOnly() async throws {
        var team = try team()
        try await apply(team)
        let alice = BrokerNames.liveBinding(user: "alice")
        let one = BrokerNames.liveBinding(user: "alice", session: session)
        #expect(try await mayBind(BrokerNames.live, BrokerNames.liveBinding(user: "bob")))
        for key in [alice, one, "#", "*.#", ""] { #expect(try await !mayBind(BrokerNames.live, key), "\(key)") }

        try team.grant("bob", "alice", sessions: [session])
        try await apply(team)
        #expect(try await mayBind(BrokerNames.live, one))
        #expect(try await !mayBind(BrokerNames.live, alice))
        let mark = BrokerNames.watermarkBinding(user: "alice", session: session)
        #expect(try await mayBind(BrokerNames.control, mark))
        #expect(try await !mayBind(BrokerNames.control, BrokerNames.watermarkBinding(user: "alice")))

        try team.grant("bob", "alice")
        try await apply(team)
        #expect(try await mayBind(BrokerNames.live, alice))
        for key in ["alice.*.editor.#", "alice.*.*.*"] { #expect(try await mayBind(BrokerNames.live, key), "\(key)") }
        // A broker has to try these in as many ways as a key's words can be shared out.
        for key in ["alice.#.#", "alice.#.editor.#", "alice.*.#.#.#.#", "alice.*.*.*.*.#"] {
            #expect(try await !mayBind(BrokerNames.live, key), "\(key)")
        }
        #expect(try await mayBind(BrokerNames.control, BrokerNames.watermarkBinding(user: "alice")))
        #expect(try await mayBind(BrokerNames.control, BrokerNames.keyframeBinding(to: "bob")))
        #expect(try await !mayBind(BrokerNames.control, BrokerNames.keyframeBinding(to: "alice")))
        #expect(try await !mayBind(BrokerNames.control, BrokerNames.requestBinding))

        // Nobody reads what the archive reads, takes another's queue, or publishes with a follow login.
        #expect(try await !mayBind(BrokerNames.events, alice))
        #expect(try await !mayBind(BrokerNames.live, alice, queue: "f-alice.0"))
        #expect(try await !mayBind(BrokerNames.live, alice, queue: BrokerNames.archiveQueue))
        for exchange in [BrokerNames.events, BrokerNames.live] {
            #expect(try await publish(as: "f-bob", "bob", to: exchange, try key("bob")) == .lost)
            #expect(try await publish(as: "f-bob", "bob", to: exchange, "f-bob.x") == .lost)
        }
        let request = BrokerNames.requestKey(from: "bob", kind: "catalogue")
        #expect(try await publish(as: "f-bob", "bob", to: BrokerNames.control, request) == .confirmed)
    }

    @Test func theArchiverGetsItWithTheNameTheBrokerVouchesFor() async throws {
        try await apply(try team())
        let archiver = try await connect("archiver", "archive")
        try await archiver.purge(queue: BrokerNames.archiveQueue)
        let key = try key("alice")
        #expect(try await publish(as: "alice", "alice", to: BrokerNames.events, key) == .confirmed)
        let deliveries = try await archiver.consume(
            AMQPConsumer(queue: BrokerNames.archiveQueue, tag: "a", prefetch: 1))
        for try await delivery in deliveries {
            #expect(delivery.message.routingKey == key)
            #expect(delivery.message.properties.userID == "alice")
            archiver.acknowledge(delivery.tag)
            break
        }
        await archiver.close()
        let watermark = BrokerNames.watermarkKey(user: "alice", session: session)
        #expect(try await publish(as: "archiver", "archive", to: BrokerNames.control, watermark) != .lost)
    }

    @Test(arguments: [true, false])
    func whoIsRevokedIsCutOff(byManagement: Bool) async throws {
        let broker = try await Self.broker.value
        let way = byManagement ? TeamBroker.management(broker.management) : .node(broker.node)
        var granted = try team()
        try granted.grant("bob", "alice")
        try await apply(granted)
        let bob = try await connect("f-bob", "bob")
        try granted.revoke("bob", "alice")
        let revoked = granted
        try await onThread { try way.apply(revoked, cuttingOff: [BrokerNames.followLogin(of: "bob")]) }
        var reason: AMQPError?
        for await event in bob.events { if case .closed(let error) = event { reason = error } }
        #expect(reason?.message.contains("320") == true, "\(String(describing: reason))")
        #expect(try await !mayBind(BrokerNames.live, BrokerNames.liveBinding(user: "alice")))
    }

    @Test func whoIsTakenOutCannotLogIn() async throws {
        var team = try team()
        try await apply(team)
        try team.remove("bob")
        let gone = team
        let broker = try await Self.broker.value
        // Loaded as at a start, which deletes nobody.
        try await onThread { try broker.management.load(definitions: TeamDefinitions(gone).json.encoded) }
        for password in ["bob", ""] {
            await #expect(throws: AMQPError.self) { try await connect("f-bob", password) }
        }
        try await onThread { try TeamBroker.management(broker.management).apply(gone) }
        #expect(try await !broker.ctl("list_users").contains("bob"))
        try await apply(try self.team())
        try await onThread { try TeamBroker.node(broker.node).apply(gone) }
        #expect(try await !broker.ctl("list_users").contains("bob"))
    }
}
