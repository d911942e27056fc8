import EventSchema

/// The exchanges, queues and bindings of a team, for whoever declares them and for the broker's definitions.
public enum BrokerTopology {
    /// All topic, durable.
    public static let exchanges = [BrokerNames.events, BrokerNames.live, BrokerNames.control].map(Exchange.init(name:))

    public static let queues = [
        // One archiver consumes, the next one stands by. Full, it refuses: publishers keep what it does not take.
        Queue(
            name: BrokerNames.archiveQueue,
            arguments: [
                "x-queue-type": "quorum", "x-single-active-consumer": true, "x-overflow": "reject-publish",
                "x-max-length": 2_000_000, "x-max-length-bytes": 4_294_967_296,
            ]),
        // Whoever asked has given up long before.
        Queue(
            name: BrokerNames.requestQueue,
            arguments: ["x-message-ttl": 30_000, "x-max-length": 10_000, "x-overflow": "drop-head"]),
    ]

    public static let bindings = [
        Binding(source: BrokerNames.events, queue: BrokerNames.archiveQueue, key: BrokerNames.archiveBinding),
        Binding(source: BrokerNames.control, queue: BrokerNames.requestQueue, key: BrokerNames.requestBinding),
    ]

    /// A durable topic exchange.
    public struct Exchange: Hashable, Sendable {
        public var name: String

        func definition(_ host: JSONValue) -> JSONValue {
            [
                "name": .string(name), "vhost": host, "type": "topic", "durable": true, "auto_delete": false,
                "internal": false, "arguments": [:],
            ]
        }
    }

    /// A durable queue.
    public struct Queue: Equatable, Sendable {
        public var name: String
        public var arguments: JSONValue

        func definition(_ host: JSONValue) -> JSONValue {
            ["name": .string(name), "vhost": host, "durable": true, "auto_delete": false, "arguments": arguments]
        }
    }

    /// What goes from an exchange to a queue.
    public struct Binding: Hashable, Sendable {
        public var source: String
        public var queue: String
        public var key: String

        func definition(_ host: JSONValue) -> JSONValue {
            [
                "source": .string(source), "vhost": host, "destination": .string(queue), "destination_type": "queue",
                "routing_key": .string(key), "arguments": [:],
            ]
        }
    }
}
