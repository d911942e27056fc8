/// What a private node is to be like.
public struct NodeOptions: Hashable, Sendable, Codable {
    /// Where clients connect; nil: a free port, the same at every later start.
    public var port: UInt16?
    /// RabbitMQ's own, by name; what they need is started with them. `rabbitmq_management` adds its HTTP API.
    public var plugins: [Plugin] = []
    /// Publishers are held back when the node uses more than this share of the machine's memory.
    public var memoryShare = 0.25
    /// Publishers are held back when the disk has less than this left.
    public var freeDiskMegabytes = 64
    /// Bytes.
    public var largestMessage = 16 << 20
    /// Seconds.
    public var heartbeat = 10
    /// Users, permissions and topology, loaded at every start; a node that has such a file makes no user of its own.
    public var definitions: String?
    /// The virtual host that has `amq.rabbitmq.event`, with the plugin for it; nil: `/`.
    public var eventHost: String?

    public init(
        port: UInt16? = nil, plugins: [Plugin] = [], definitions: String? = nil, eventHost: String? = nil
    ) {
        self.port = port
        self.plugins = plugins
        self.definitions = definitions
        self.eventHost = eventHost
    }

    /// A plugin that a private node can have.
    public enum Plugin: String, Hashable, Sendable, Codable {
        /// The HTTP API on a loopback port of its own; the start takes about a second longer.
        case management = "rabbitmq_management"
        /// Tells who connects and binds, as messages of `amq.rabbitmq.event`.
        case eventExchange = "rabbitmq_event_exchange"

        /// The applications that it needs besides those of the server.
        var applications: [String] {
            switch self {
            case .management:
                [
                    "rabbitmq_management", "rabbitmq_management_agent", "rabbitmq_web_dispatch", "amqp_client",
                    "cowboy",
                    "cowlib",
                ]
            case .eventExchange: ["rabbitmq_event_exchange"]
            }
        }
    }
}
