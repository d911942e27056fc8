import AMQPBridge
import EventSchema

extension BrokerTopology {
    /// The same as a connection declares it.
    public static let team = AMQPTopology(
        exchanges: exchanges.map { AMQPExchange($0.name, .topic) },
        queues: queues.map { AMQPQueue($0.name, arguments: AMQPTable($0.arguments)) },
        bindings: bindings.map { AMQPBinding(from: $0.source, to: .queue($0.queue), routingKey: $0.key) })

    /// The queue on which a person's agent hears the archive.
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

extension AMQPTable {
    /// The arguments that a broker's definitions write as JSON: numbers, texts and truth values.
    fileprivate init(_ json: JSONValue) {
        self.init()
        for (name, value) in json.members ?? [] {
            if let number = value.integer {
                self[name] = .int(number)
            } else if let flag = value.bool {
                self[name] = .bool(flag)
            } else if let text = value.string {
                self[name] = .string(text)
            }
        }
    }
}
