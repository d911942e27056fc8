import AMQPBridge

/// What of a team's exchanges, queues and bindings lasts: for whoever declares it, and for the broker's definitions.
public enum BrokerTopology {
    public static let team = AMQPTopology(
        exchanges: [BrokerNames.events, BrokerNames.live, BrokerNames.control].map { AMQPExchange($0, .topic) },
        queues: [archiveQueue, requestQueue],
        bindings: [
            AMQPBinding(
                from: BrokerNames.events, to: .queue(BrokerNames.archiveQueue), routingKey: BrokerNames.archiveBinding),
            AMQPBinding(
                from: BrokerNames.control, to: .queue(BrokerNames.requestQueue), routingKey: BrokerNames.requestBinding),
        ])

    /// What an archiver declares before it takes and answers anything. Its place first: of several archivers, each with
    /// an archive of its own, one is at work, and the others are refused it for as long as that one's connection lives.
    public static let archiver = AMQPTopology(
        exchanges: team.exchanges,
        queues: [AMQPQueue(BrokerNames.archiverPlace, durable: false, exclusive: true)] + team.queues,
        bindings: team.bindings)

    /// One archiver consumes, the next one stands by. Full, it refuses: publishers keep what it does not take.
    private static let archiveQueue = AMQPQueue(
        BrokerNames.archiveQueue,
        arguments: [
            "x-queue-type": "quorum", "x-single-active-consumer": true, "x-overflow": "reject-publish",
            "x-max-length": 2_000_000, "x-max-length-bytes": 4_294_967_296,
        ])

    /// Whoever asked has given up long before.
    private static let requestQueue = AMQPQueue(
        BrokerNames.requestQueue,
        arguments: ["x-message-ttl": 30_000, "x-max-length": 10_000, "x-overflow": "drop-head"])
}
