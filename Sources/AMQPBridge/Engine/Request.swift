/// Something the broker answers.
enum Request: Sendable {
    case openChannel
    case selectConfirms
    case declareExchange(AMQPExchange)
    case deleteExchange(String, ifUnused: Bool)
    case declareQueue(AMQPQueue)
    case deleteQueue(String, ifUnused: Bool, ifEmpty: Bool)
    case purgeQueue(String)
    case bind(AMQPBinding)
    case unbind(AMQPBinding)
    case prefetch(UInt16)
    case consume(AMQPConsumer)
    case cancel(consumer: String)

    var answer: Answer.Kind {
        switch self {
        case .openChannel: .channelOpen
        case .selectConfirms: .confirmSelect
        case .declareExchange: .exchangeDeclare
        case .deleteExchange: .exchangeDelete
        case .declareQueue: .queueDeclare
        case .deleteQueue: .queueDelete
        case .purgeQueue: .queuePurge
        case .bind(let binding): if case .queue = binding.target { .queueBind } else { .exchangeBind }
        case .unbind(let binding): if case .queue = binding.target { .queueUnbind } else { .exchangeUnbind }
        case .prefetch: .qos
        case .consume: .consume
        case .cancel: .cancel
        }
    }

    /// What was being done, for a message: "declaring queue 'archive'".
    var description: String {
        switch self {
        case .openChannel: "opening a channel"
        case .selectConfirms: "asking for confirms"
        case .declareExchange(let exchange):
            "\(exchange.passive ? "looking for" : "declaring") exchange '\(exchange.name)'"
        case .deleteExchange(let name, _): "deleting exchange '\(name)'"
        case .declareQueue(let queue): "\(queue.passive ? "looking for" : "declaring") queue '\(queue.name)'"
        case .deleteQueue(let name, _, _): "deleting queue '\(name)'"
        case .purgeQueue(let name): "purging queue '\(name)'"
        case .bind(let binding): "binding \(binding.target.description) to '\(binding.source)'"
        case .unbind(let binding): "unbinding \(binding.target.description) from '\(binding.source)'"
        case .prefetch: "setting the prefetch"
        case .consume(let consumer): "consuming from '\(consumer.queue)'"
        case .cancel(let consumer): "cancelling consumer '\(consumer)'"
        }
    }

    /// The names it sends as short strings, and its arguments.
    var parts: (names: [String], arguments: AMQPTable) {
        switch self {
        case .openChannel, .selectConfirms, .prefetch: ([], [:])
        case .declareExchange(let exchange): ([exchange.name, exchange.kind.name], exchange.arguments)
        case .deleteExchange(let name, _), .deleteQueue(let name, _, _), .purgeQueue(let name): ([name], [:])
        case .declareQueue(let queue): ([queue.name], queue.arguments)
        case .bind(let binding), .unbind(let binding):
            ([binding.source, binding.target.name, binding.routingKey], binding.arguments)
        case .consume(let consumer): ([consumer.queue, consumer.tag], consumer.arguments)
        case .cancel(let consumer): ([consumer], [:])
        }
    }
}

extension AMQPBinding.Target {
    var name: String {
        switch self {
        case .queue(let name), .exchange(let name): name
        }
    }

    var description: String {
        switch self {
        case .queue(let name): "queue '\(name)'"
        case .exchange(let name): "exchange '\(name)'"
        }
    }
}
