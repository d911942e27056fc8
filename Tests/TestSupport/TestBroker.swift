import AMQPBridge
import Capture
import Foundation
import Synchronization

/// A private RabbitMQ for tests: one that all tests of a process share, or one of a test's own.
///
/// It ends with the process, also after a failure; one left by a run that was killed is found and ended by the next.
public final class TestBroker: Sendable {
    public let node: PrivateNode
    public let place: NodePlace
    /// The HTTP API, as the node's administrator.
    public let management: ManagementAPI

    /// The one all tests share, with management and the event exchange; started by the first who asks.
    public static func shared() async throws -> TestBroker { try await onThread { try common.get() } }

    /// A node of a test's own; ended when it is let go of.
    public static func own(_ options: NodeOptions = NodeOptions(plugins: [.management])) async throws -> TestBroker {
        try await onThread { try TestBroker(options, isShared: false) }
    }

    private static let common = Result {
        try TestBroker(NodeOptions(plugins: [.management, .eventExchange]), isShared: true)
    }

    private let isShared: Bool

    private init(_ options: NodeOptions, isShared: Bool) throws {
        self.isShared = isShared
        node = PrivateNode(directory: try Nodes.newDirectory())
        place = try node.start(options)
        guard let management = place.management else { throw Unready(description: "give it the management plugin") }
        self.management = management
        try Self.awaitManagement(management)
    }

    deinit {
        if !isShared { Nodes.end(node.directory) }
    }

    private struct Unready: Error { var description: String }

    /// AMQP answers a little before HTTP does.
    private static func awaitManagement(_ management: ManagementAPI) throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            do {
                _ = try management.send("GET", "whoami")
                return
            } catch {
                if ContinuousClock.now > deadline { throw error }
                usleep(50_000)
            }
        }
    }
}

extension TestBroker {
    /// A virtual host that nobody else uses, with the administrator's rights on it.
    public func virtualHost() async throws -> TestVirtualHost {
        let name = "test-\(RandomText.make(10))"
        try await onThread { [self] in
            try management.send("PUT", "vhosts/\(name)")
            try Self.permit(management, place.settings.user, on: name)
        }
        var url = place.url
        url.explicitVirtualHost = name
        return TestVirtualHost(name: name, url: url, broker: self)
    }

    /// Runs `rabbitmqctl`; about half a second.
    @discardableResult
    public func ctl(_ arguments: String...) async throws -> String {
        try await onThread { [node] in try node.control(arguments) }
    }

    public func kill9() async throws { try await onThread { [node] in try node.kill9() } }
    public func stop() async throws { _ = try await onThread { [node] in try node.stop() } }

    /// Starts it again with everything as it was, and waits until it answers.
    public func restart() async throws {
        try await onThread { [self] in
            try node.start()
            try Self.awaitManagement(management)
        }
    }

    /// A broker that lives and says nothing: SIGSTOP.
    public func freeze(_ frozen: Bool = true) async throws { try await onThread { [node] in try node.freeze(frozen) } }

    /// What a broker can run out of.
    public enum Resource: String, Sendable { case memory, disk }

    /// Makes the broker believe that it has no memory or disk left, or has it again.
    public func alarm(_ resource: Resource, _ on: Bool = true) async throws {
        let alarm = "{resource_limit, \(resource.rawValue), node()}"
        try await ctl(
            "eval", on ? "rabbit_alarm:set_alarm({\(alarm), []})." : "rabbit_alarm:clear_alarm(\(alarm)).")
    }

    /// Ends every connection of a login, as an operator does.
    @discardableResult
    public func closeConnections(of login: String) async throws -> Int {
        try await onThread { [management] in
            // RabbitMQ 3.10 answers with 500 where one of them ends just then.
            for _ in 0..<5 { if let count = try? management.closeConnections(of: login) { return count } }
            return try management.closeConnections(of: login)
        }
    }

    fileprivate static func permit(
        _ management: ManagementAPI, _ user: String, on host: String, configure: String = ".*", write: String = ".*",
        read: String = ".*"
    ) throws {
        try management.send(
            "PUT", "permissions/\(host)/\(user)",
            body: #"{"configure":"\#(configure)","write":"\#(write)","read":"\#(read)"}"#)
    }
}

/// A virtual host of one test.
public struct TestVirtualHost: Sendable {
    public let name: String
    /// How the administrator reaches it.
    public let url: AMQPURL
    public let broker: TestBroker

    /// Makes a user; the expressions are put into JSON as they are.
    ///
    /// - Returns: how it logs in.
    public func addUser(
        _ user: String, password: String = "secret", configure: String = ".*", write: String = ".*",
        read: String = ".*", topics: [(exchange: String, write: String, read: String)] = []
    ) async throws -> AMQPURL {
        try await onThread { [management = broker.management, name] in
            try management.send("PUT", "users/\(user)", body: #"{"password":"\#(password)","tags":""}"#)
            try TestBroker.permit(management, user, on: name, configure: configure, write: write, read: read)
            for topic in topics {
                try management.send(
                    "PUT", "topic-permissions/\(name)/\(user)",
                    body: #"{"exchange":"\#(topic.exchange)","write":"\#(topic.write)","read":"\#(topic.read)"}"#)
            }
        }
        var url = url
        url.user = user
        url.password = password
        return url
    }

    /// Deletes a queue under whoever consumes from it.
    public func deleteQueue(_ queue: String) async throws {
        try await onThread { [management = broker.management, name] in
            try management.send("DELETE", "queues/\(name)/\(ManagementAPI.escaped(queue))")
        }
    }

    /// Ends it with everything in it; not needed, as it ends with the broker.
    public func remove() async throws {
        try await onThread { [management = broker.management, name] in try management.send("DELETE", "vhosts/\(name)") }
    }
}

/// Does what blocks on a thread of its own.
@discardableResult
public func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Result { try body() }) }
        thread.stackSize = 1 << 20
        thread.start()
    }
}

/// The nodes of this process, each in a folder that is locked while the process lives.
private enum Nodes {
    private static let root = "/tmp/playhead-test-brokers-\(getuid())"
    private static let mine = Mutex<[String: FileLock]>([:])
    private static let prepared = Result {
        try FileManager.default.createDirectory(
            atPath: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in try FileManager.default.contentsOfDirectory(atPath: root) {
            // Whoever made it lives as long as its lock is held.
            if let lock = try FileLock.tryAcquire("\(root)/\(name)/owner") {
                remove("\(root)/\(name)")
                lock.release()
            }
        }
        atexit { Nodes.endAll() }
    }

    static func newDirectory() throws -> String {
        try prepared.get()
        // Made under another name: nobody may find it unlocked.
        let directory = "\(root)/\(RandomText.make(10))"
        let fresh = "/tmp/playhead-test-broker-\(RandomText.make(10))"
        try FileManager.default.createDirectory(
            atPath: fresh, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let lock = try FileLock.tryAcquire(fresh + "/owner")
        try FileManager.default.moveItem(atPath: fresh, toPath: directory)
        mine.withLock { $0[directory] = lock }
        return directory
    }

    static func end(_ directory: String) {
        remove(directory)
        mine.withLock { $0[directory] = nil }
    }

    private static func endAll() {
        for directory in mine.withLock({ Array($0.keys) }) { remove(directory) }
    }

    private static func remove(_ directory: String) {
        _ = try? PrivateNode(directory: directory).end()
        try? FileManager.default.removeItem(atPath: directory)
    }
}
