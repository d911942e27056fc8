import AMQPBridge
import EventSchema

extension BrokerTopology {
    /// The queue on which a person's agent hears the archive; a new one for each connection.
    static func ear(of user: String) -> AMQPTopology {
        var generator = SystemRandomNumberGenerator()
        let queue = BrokerNames.followerQueue(of: user, id: .make(at: .epoch, using: &generator))
        let bounded: AMQPTable = ["x-max-length": .int(10_000), "x-overflow": .string("drop-head")]
        return AMQPTopology(
            queues: [AMQPQueue(queue, durable: false, exclusive: true, arguments: bounded)],
            bindings: [BrokerNames.watermarkBinding(user: user), BrokerNames.startedKey].map {
                AMQPBinding(from: BrokerNames.control, to: .queue(queue), routingKey: $0)
            })
    }
}
