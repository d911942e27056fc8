import Foundation

/// Where a private node is and how to log in; kept in its directory, for its owner only.
public struct NodePlace: Hashable, Sendable {
    /// Everything of the node: its configuration, data, log and cookie.
    public let directory: String
    public var settings: Settings

    /// What is chosen once and then stays: the data belongs to the node's name, clients know its port.
    public struct Settings: Hashable, Sendable, Codable {
        public var name: String
        public var ports: Ports
        /// The node's own administrator.
        public var user: String
        public var password: String
        public var options: NodeOptions
    }

    /// All on 127.0.0.1.
    public struct Ports: Hashable, Sendable, Codable {
        public var amqp: UInt16
        /// How Erlang nodes talk to each other, for `rabbitmqctl`.
        public var distribution: UInt16
        /// Erlang's name server, one per private node.
        public var epmd: UInt16
        /// The HTTP API, if the node has it.
        public var management: UInt16

        var all: [UInt16] { [amqp, distribution, epmd, management] }

        /// Free ports.
        ///
        /// - Throws: `NodeError(.portTaken)` if the one that is asked for is not.
        static func choose(amqp: UInt16?) throws(NodeError) -> Ports {
            if let amqp, !LoopbackPort.isFree(amqp) { throw .taken(amqp) }
            var ports: [UInt16] = amqp.map { [$0] } ?? []
            while ports.count < 4 {
                guard let port = LoopbackPort.free(except: Set(ports)) else {
                    throw NodeError(.portTaken, "no free port on 127.0.0.1; see what listens there: ss -ltnp")
                }
                ports.append(port)
            }
            return Ports(amqp: ports[0], distribution: ports[1], epmd: ports[2], management: ports[3])
        }
    }

    /// The node that lives in `directory`; nil if none does.
    ///
    /// - Throws: `NodeError(.files)`.
    public static func load(_ directory: String) throws(NodeError) -> NodePlace? {
        guard let settings = try NodeFiles.read(Settings.self, directory + "/node.json") else { return nil }
        return NodePlace(directory: directory, settings: settings)
    }

    /// A place for a new node with free ports and a random password; nothing is written yet.
    static func make(_ directory: String, _ options: NodeOptions) throws(NodeError) -> NodePlace {
        let settings = Settings(
            name: "playhead-\(RandomText.make(8))@localhost", ports: try .choose(amqp: options.port),
            user: "administrator", password: RandomText.make(24), options: options)
        return NodePlace(directory: directory, settings: settings)
    }

    func save() throws(NodeError) { try NodeFiles.write(settings, directory + "/node.json") }

    /// How the node's administrator logs in.
    public var url: AMQPURL {
        AMQPURL(host: "127.0.0.1", port: settings.ports.amqp, user: settings.user, password: settings.password)
    }

    /// The HTTP API, if the node has it.
    public var management: ManagementAPI? {
        guard settings.options.plugins.contains(.management) else { return nil }
        return ManagementAPI(
            "http://127.0.0.1:\(settings.ports.management)", user: settings.user, password: settings.password)
    }

    var home: String { directory + "/home" }
    var data: String { directory + "/data" }
    var logs: String { directory + "/log" }
    /// What the node says before its own log is open, and after.
    var startLog: String { logs + "/start.log" }
    var applications: String { directory + "/applications" }
}

extension NodeError {
    static func taken(_ port: UInt16) -> NodeError {
        NodeError(.portTaken, "another program listens on 127.0.0.1:\(port); see which: ss -ltnp 'sport = :\(port)'")
    }
}
