/// Exchanges, queues and bindings that shall exist: a value. Declaring it again changes nothing; declaring something
/// that is there with other properties fails with `AMQPError(.mismatch)`.
public struct AMQPTopology: Hashable, Sendable {
    public var exchanges: [AMQPExchange]
    public var queues: [AMQPQueue]
    public var bindings: [AMQPBinding]

    public init(exchanges: [AMQPExchange] = [], queues: [AMQPQueue] = [], bindings: [AMQPBinding] = []) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }

    /// Adds what `other` has and this has not.
    public mutating func formUnion(_ other: AMQPTopology) {
        exchanges += other.exchanges.filter { !exchanges.contains($0) }
        queues += other.queues.filter { !queues.contains($0) }
        bindings += other.bindings.filter { !bindings.contains($0) }
    }
}

/// An exchange as it shall be.
public struct AMQPExchange: Hashable, Sendable {
    /// How it routes. Open: plug-ins add kinds.
    public struct Kind: Hashable, Sendable, ExpressibleByStringLiteral {
        public let name: String
        public init(_ name: String) { self.name = name }
        public init(stringLiteral value: String) { name = value }

        public static let direct: Kind = "direct"
        public static let fanout: Kind = "fanout"
        public static let topic: Kind = "topic"
        public static let headers: Kind = "headers"
    }

    public var name: String
    public var kind: Kind
    public var durable: Bool
    public var autoDelete: Bool
    /// Nobody may publish to it; only bindings lead to it.
    public var `internal`: Bool
    public var arguments: AMQPTable
    /// Only check that it exists; whatever else is given here has no effect.
    public var passive: Bool

    public init(
        _ name: String, _ kind: Kind, durable: Bool = true, autoDelete: Bool = false, internal: Bool = false,
        arguments: AMQPTable = [:], passive: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.durable = durable
        self.autoDelete = autoDelete
        self.internal = `internal`
        self.arguments = arguments
        self.passive = passive
    }
}

/// A queue as it shall be.
public struct AMQPQueue: Hashable, Sendable {
    /// "" lets the broker choose a name; bindings and consumers that say "" then mean this queue, if it is declared last.
    public var name: String
    public var durable: Bool
    /// Belongs to the connection that declares it and ends with it.
    public var exclusive: Bool
    public var autoDelete: Bool
    /// For example `["x-queue-type": "quorum", "x-max-length": 100_000, "x-overflow": "reject-publish"]`.
    public var arguments: AMQPTable
    /// Only check that it exists; whatever else is given here has no effect.
    public var passive: Bool

    public init(
        _ name: String, durable: Bool = true, exclusive: Bool = false, autoDelete: Bool = false,
        arguments: AMQPTable = [:], passive: Bool = false
    ) {
        self.name = name
        self.durable = durable
        self.exclusive = exclusive
        self.autoDelete = autoDelete
        self.arguments = arguments
        self.passive = passive
    }
}

/// Leads messages of an exchange to a queue, or to another exchange.
public struct AMQPBinding: Hashable, Sendable {
    public enum Target: Hashable, Sendable {
        case queue(String)
        case exchange(String)
    }

    public var source: String
    public var target: Target
    public var routingKey: String
    public var arguments: AMQPTable

    public init(from source: String, to target: Target, routingKey: String = "", arguments: AMQPTable = [:]) {
        self.source = source
        self.target = target
        self.routingKey = routingKey
        self.arguments = arguments
    }
}
