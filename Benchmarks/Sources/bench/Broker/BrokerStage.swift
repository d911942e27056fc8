import AMQPBridge
import Delivery
import Foundation

/// A private RabbitMQ with a team's logins and topology, for one row.
final class BrokerStage {
    private let node: PrivateNode
    private let password = "bench"
    private let port: UInt16

    /// - Parameters:
    ///   - users: the people of the team.
    ///   - follows: who may follow whom, besides themselves.
    init(_ lab: Lab, users: [String], follows: [(String, String)] = []) throws {
        let node = PrivateNode(directory: lab.scraps.appending(path: "broker-\(UUID().uuidString)").path())
        self.node = node
        var team = TeamFile(archiverPassword: PasswordHash(of: password))
        for user in users { try team.add(user, password: PasswordHash(of: password)) }
        for (follower, user) in follows { try team.grant(follower, user) }
        var options = NodeOptions()
        options.definitions = TeamBroker.definitions(of: node)
        try node.prepare(options)
        _ = try TeamBroker.write(team, for: node)
        do { port = try node.start().settings.ports.amqp } catch {
            throw NotMeasured(reason: "no broker: \(error)", expected: lab.smoke && error.code == .notInstalled)
        }
    }

    func end() { _ = try? node.end() }

    func url(_ login: String) throws -> AMQPURL {
        try AMQPURL("amqp://\(login):\(password)@127.0.0.1:\(port)/\(BrokerNames.virtualHost)")
    }

    func text(_ login: String) -> String {
        "amqp://\(login):\(password)@127.0.0.1:\(port)/\(BrokerNames.virtualHost)"
    }

    /// How a peer in another language logs in: port, virtual host, login, password.
    func words(_ login: String) -> [String] { ["\(port)", BrokerNames.virtualHost, login, password] }

    /// Messages waiting in the archive's queue.
    func waiting() throws -> Int {
        let options = AMQPOptions(url: try url(BrokerNames.archiver))
        return try blocking {
            let connection = try await AMQPConnection.open(options)
            let status = try await connection.declare(AMQPQueue(BrokerNames.archiveQueue, passive: true))
            await connection.close()
            return status.messages
        }
    }

    func empty() throws {
        let options = AMQPOptions(url: try url(BrokerNames.archiver))
        try blocking {
            let connection = try await AMQPConnection.open(options)
            try await connection.purge(queue: BrokerNames.archiveQueue)
            await connection.close()
        }
    }

    /// Publishes the work, each person's under their login, and comes back when the broker has confirmed all.
    func fill(_ work: TeamWork) throws {
        var byUser: [String: [AMQPPublication]] = [:]
        for (number, batch) in work.batches.enumerated() {
            byUser[batch.user, default: []].append(AMQPPublication(batch.message, token: UInt64(number)))
        }
        for (user, publications) in byUser {
            let filler = Publishing(publications)
            try filler.run(AMQPOptions(url: try url(user)))
        }
        let count = try waiting()
        guard count == work.batches.count else {
            throw NotMeasured(reason: "the queue holds \(count) messages, not \(work.batches.count)")
        }
    }
}

/// Publishes with confirms until all is confirmed, through a session of `AMQPBridge` alone.
final class Publishing: AMQPHandler {
    /// Handed over at once: a relay reads and sends in such portions too.
    private static let portion = 1000
    private let done = DispatchSemaphore(value: 0)
    /// Only ever touched on the session's thread.
    private nonisolated(unsafe) var left: ArraySlice<AMQPPublication>
    private nonisolated(unsafe) var missing: Int
    private nonisolated(unsafe) var failure: String?
    private nonisolated(unsafe) var began = ContinuousClock.now
    private nonisolated(unsafe) var time = Duration.zero

    init(_ publications: [AMQPPublication]) {
        left = publications[...]
        missing = publications.count
    }

    /// - Returns: from the first message to the last confirm.
    @discardableResult
    func run(_ options: AMQPOptions) throws -> Duration {
        let session = AMQPSession(options, handler: self) { AMQPSetup(confirmWindow: 1000) }
        done.wait()
        try blocking { await session.close() }
        if let failure { throw NotMeasured(reason: failure) }
        return time
    }

    func changed(to state: AMQPState, of session: AMQPSession) {
        switch state {
        case .open:
            began = .now
            send(session)
            send(session)
        case .waiting(_, let error, _): end("not connected: \(error)")
        default: break
        }
    }

    func settled(_ settlements: [AMQPSettlement], by session: AMQPSession) {
        let before = missing
        for settlement in settlements {
            guard settlement.result == .confirmed else { return end("not confirmed: \(settlement.result)") }
            missing -= 1
        }
        if missing == 0 { return end(nil) }
        if before / Self.portion != missing / Self.portion { send(session) }
    }

    private func send(_ session: AMQPSession) {
        session.publish(Array(left.prefix(Self.portion)))
        left = left.dropFirst(Self.portion)
    }

    private func end(_ failure: String?) {
        self.failure = failure
        time = .now - began
        done.signal()
    }
}

/// Waits for what is asynchronous on a thread that may block.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    let done = DispatchSemaphore(value: 0)
    // Written before the signal, read after the wait.
    nonisolated(unsafe) var result: Result<Value, any Error>?
    Task.detached {
        do { result = .success(try await body()) } catch { result = .failure(error) }
        done.signal()
    }
    done.wait()
    guard let result else { throw NotMeasured(reason: "a task ended without a result") }
    return try result.get()
}
