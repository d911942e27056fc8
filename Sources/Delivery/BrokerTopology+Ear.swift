import AMQPBridge
import EventSchema

extension BrokerTopology {
    /// The queue on which a person's agent hears the archive; a new one for each connection.
    static func ear(of user: String) -> AMQPTopology {
        let queue = BrokerNames.anyFollowerQueue(of: user)
        let bounded: AMQPTable = ["x-max-length": .int(10_000), "x-overflow": .string("drop-head")]
        return AMQPTopology(
            queues: [AMQPQueue(queue, durable: false, exclusive: true, arguments: bounded)],
            bindings: [
                BrokerNames.watermarkBinding(user: user), BrokerNames.startedKey, BrokerNames.keyframeBinding(to: user),
                BrokerNames.watchingKey(user: user),
            ].map {
                AMQPBinding(from: BrokerNames.control, to: .queue(queue), routingKey: $0)
            })
    }

    /// The queue of one follower; a new one for each connection. What it is too slow for the broker drops, oldest
    /// first, and the archive has.
    static func following(_ targets: [FollowTarget], as user: String) -> AMQPTopology {
        let queue = BrokerNames.anyFollowerQueue(of: user)
        let bounded: AMQPTable = [
            "x-max-length": .int(10_000), "x-max-length-bytes": .int(64 << 20), "x-overflow": .string("drop-head"),
        ]
        return AMQPTopology(
            queues: [AMQPQueue(queue, durable: false, exclusive: true, arguments: bounded)],
            bindings: targets.flatMap { target in
                [
                    AMQPBinding(
                        from: BrokerNames.live, to: .queue(queue),
                        routingKey: BrokerNames.liveBinding(user: target.user, session: target.session)),
                    AMQPBinding(
                        from: BrokerNames.control, to: .queue(queue),
                        routingKey: BrokerNames.watermarkBinding(user: target.user, session: target.session)),
                ]
            } + [AMQPBinding(from: BrokerNames.control, to: .queue(queue), routingKey: BrokerNames.rollCallKey)])
    }
}
