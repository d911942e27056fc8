import Foundation

/// A RabbitMQ of one's own on loopback: its own directory, ports, name server, cookie and password. It outlives the
/// program that starts it; several live side by side. All calls block the thread.
///
/// RabbitMQ must be installed, as Debian's `rabbitmq-server` does it. Nothing of the machine's own broker is used.
public struct PrivateNode: Sendable {
    /// Where the node lives.
    public let directory: String

    public init(directory: String) {
        self.directory = URL(fileURLWithPath: directory).standardizedFileURL.path
    }

    /// What a node does now.
    public struct Status: Hashable, Sendable {
        /// Nil: there has never been a node.
        public var place: NodePlace?
        /// The number of the node's process; nil: it does not run.
        public var process: Int32?
        /// Whether it answers clients.
        public var isReady: Bool
    }

    public func status() throws(NodeError) -> Status {
        guard let place = try NodePlace.load(directory) else { return Status(place: nil, process: nil, isReady: false) }
        let running = try NodeRun.load(place).runningNode
        return Status(
            place: place, process: running?.number,
            isReady: running != nil && Self.answers(place))
    }

    /// Chooses name, ports and password of a node that does not run, so that they are known before it starts.
    ///
    /// - Parameter options: nil: as last time. A running node keeps its own.
    /// - Throws: `NodeError`: `.portTaken`, `.files`.
    @discardableResult
    public func prepare(_ options: NodeOptions? = nil) throws(NodeError) -> NodePlace {
        try NodeFiles.makeDirectory(directory)
        let lock = try NodeLock(directory)
        defer { lock.release() }
        if let place = try NodePlace.load(directory), try NodeRun.load(place).runningNode != nil { return place }
        return try choose(options)
    }

    /// Starts the node, or leaves it as it is if it runs, and waits until it answers.
    ///
    /// - Parameter options: for a node that does not run; nil: as last time.
    /// - Throws: `NodeError`: `.notInstalled`, `.portTaken`, `.files`, `.timeout`, or `.failed` with the end of its log.
    @discardableResult
    public func start(_ options: NodeOptions? = nil, limit: Duration = .seconds(60)) throws(NodeError) -> NodePlace {
        let installation = try NodeInstallation.find()
        try NodeFiles.makeDirectory(directory)
        let lock = try NodeLock(directory)
        defer { lock.release() }
        let deadline = ContinuousClock.now + limit
        if let place = try NodePlace.load(directory), let node = try NodeRun.load(place).runningNode {
            try Self.wait(for: node, of: place, until: deadline)
            return place
        }
        let place = try choose(options)
        let environment = NodeEnvironment(place: place, installation: installation)
        try environment.write()
        try? FileManager.default.removeItem(atPath: place.startLog)
        var run = try NodeRun.load(place)
        for port in place.settings.ports.all where !(run.isNameServerUp && port == place.settings.ports.epmd) {
            if !LoopbackPort.isFree(port) { throw .taken(port) }
        }
        if !run.isNameServerUp {
            run.nameServer = try NodeProcess.start(
                environment.epmdArguments, environment: environment.variables, directory: place.home,
                log: place.logs + "/epmd.log")
            try run.save(place)
        }
        run.node = try NodeProcess.start(
            environment.arguments, environment: environment.nodeVariables, directory: place.home, log: place.startLog)
        try run.save(place)
        do throws(NodeError) {
            if let node = run.node { try Self.wait(for: node, of: place, until: deadline) }
        } catch {
            run.end(cleanly: false)
            try run.save(place)
            throw error
        }
        return place
    }

    /// Stops the node and its name server; they have ended when this returns.
    ///
    /// - Returns: false if there was nothing to stop.
    @discardableResult
    public func stop() throws(NodeError) -> Bool { try end(cleanly: true) }

    /// Ends the node and its name server at once; what it had not confirmed may be lost.
    @discardableResult
    public func end() throws(NodeError) -> Bool { try end(cleanly: false) }

    private func end(cleanly: Bool) throws(NodeError) -> Bool {
        guard let place = try NodePlace.load(directory) else { return false }
        let lock = try NodeLock(directory)
        defer { lock.release() }
        var run = try NodeRun.load(place)
        let ran = run.runningNode != nil
        run.end(cleanly: cleanly)
        try run.save(place)
        return ran
    }

    /// The variables with which RabbitMQ's own tools find this node.
    ///
    /// - Throws: `NodeError`: `.notRunning` if there is none, `.notInstalled`, `.files`.
    public func toolVariables() throws(NodeError) -> [String: String] {
        guard let place = try NodePlace.load(directory) else {
            throw NodeError(.notRunning, "there is no broker in \(directory)")
        }
        return NodeEnvironment(place: place, installation: try NodeInstallation.find()).variables
    }

    /// Ends the node's process as a crash does; for tests. Its name server stays, and `start` brings the node back.
    public func kill9() throws(NodeError) {
        guard let place = try NodePlace.load(directory), let node = try NodeRun.load(place).runningNode else { return }
        node.send(SIGKILL)
        _ = node.waitForEnd(.seconds(10))
    }

    /// Stops (`SIGSTOP`) or continues the node's process, a broker that does not answer; for tests.
    public func freeze(_ frozen: Bool) throws(NodeError) {
        guard let place = try NodePlace.load(directory), let node = try NodeRun.load(place).runningNode else { return }
        node.send(frozen ? SIGSTOP : SIGCONT)
    }

    /// Asks the running node through `rabbitmqctl`, which starts an Erlang of its own: about half a second.
    ///
    /// - Returns: what it printed.
    /// - Throws: `NodeError`: `.notRunning`, `.timeout`, or `.failed` with what it said.
    @discardableResult
    public func control(_ arguments: [String], limit: Duration = .seconds(60)) throws(NodeError) -> String {
        guard let place = try NodePlace.load(directory), try NodeRun.load(place).runningNode != nil else {
            throw NodeError(.notRunning, "the broker in \(directory) does not run; start it: playhead broker start")
        }
        let installation = try NodeInstallation.find()
        let environment = NodeEnvironment(place: place, installation: installation)
        let answer = try ToolRun.run(
            [installation.rabbitmqctl, "-q", "-n", place.settings.name] + arguments,
            environment: environment.variables, limit: limit)
        guard answer.status == 0 else {
            throw NodeError(.failed, "rabbitmqctl \(arguments.first ?? "") says: \(answer.error)\(answer.output)")
        }
        return answer.output
    }

    /// The place to start at, with the options asked for.
    private func choose(_ options: NodeOptions?) throws(NodeError) -> NodePlace {
        var place: NodePlace
        if let known = try NodePlace.load(directory) {
            place = known
            if var options {
                if let port = options.port { place.settings.ports.amqp = port }
                options.port = options.port ?? known.settings.options.port
                place.settings.options = options
            }
        } else {
            place = try NodePlace.make(directory, options ?? NodeOptions())
        }
        try place.save()
        return place
    }

    private static func answers(_ place: NodePlace) -> Bool {
        let ports = place.settings.ports
        return LoopbackPort.answersAMQP(ports.amqp)
            && (place.management == nil || LoopbackPort.connects(ports.management))
    }

    private static func wait(
        for node: NodeProcess, of place: NodePlace, until deadline: ContinuousClock.Instant
    ) throws(NodeError) {
        while !answers(place) {
            if node.hasEnded {
                throw NodeError(
                    .failed,
                    "the broker did not come up; \(place.startLog) says:\n\(NodeFiles.failure(place.startLog))")
            }
            if ContinuousClock.now > deadline {
                throw NodeError(.timeout, "the broker does not answer; see \(place.logs)")
            }
            usleep(20_000)
        }
    }
}
