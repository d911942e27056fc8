import AMQPBridge
import EventSchema

/// What stands on a team's broker, as a value: declared by whoever may, looked at by the others.
public enum BrokerTopology {
    /// The exchanges, the archive's queue and the queue of requests.
    public static let team = AMQPTopology(
        exchanges: [
            AMQPExchange(BrokerNames.events, .topic), AMQPExchange(BrokerNames.live, .topic),
            AMQPExchange(BrokerNames.control, .topic),
        ],
        queues: [
            AMQPQueue(
                BrokerNames.archiveQueue,
                arguments: ["x-queue-type": "quorum", "x-single-active-consumer": true]),
            AMQPQueue(BrokerNames.requestQueue, durable: true, arguments: ["x-message-ttl": 10_000]),
        ],
        bindings: [
            AMQPBinding(
                from: BrokerNames.events, to: .queue(BrokerNames.archiveQueue),
                routingKey: BrokerNames.archiveBinding),
            AMQPBinding(
                from: BrokerNames.control, to: .queue(BrokerNames.requestQueue),
                routingKey: BrokerNames.requestBinding),
        ])

    /// The queue on which a person's agent hears the archive.
    static func ear(of user: String) -> AMQPTopology {
        var generator = SystemRandomNumberGenerator()
        let queue = BrokerNames.followerQueue(of: user, id: .make(at: .epoch, using: &generator))
        return AMQPTopology(
            queues: [
                AMQPQueue(
                    queue, durable: false, exclusive: true,
                    arguments: ["x-max-length": 10_000, "x-overflow": "drop-head"])
            ],
            bindings: [BrokerNames.watermarkBinding(user: user), BrokerNames.startedKey].map {
                AMQPBinding(from: BrokerNames.control, to: .queue(queue), routingKey: $0)
            })
    }
}
