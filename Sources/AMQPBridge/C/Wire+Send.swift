import CRabbitMQ

extension Wire {
    /// Sends a request; its answer comes as a frame. Blocks while the kernel takes nothing.
    func send(_ request: Request) throws(AMQPError) {
        defer { arena.reset() }
        try check(status(of: request), doing: request.description)
    }

    private func status(of request: Request) -> Int32 {
        func flag(_ value: Bool) -> Int32 { value ? 1 : 0 }
        switch request {
        case .openChannel: return rmq_send_channel_open(state)
        case .selectConfirms: return rmq_send_confirm_select(state)
        case .declareExchange(let exchange):
            return rmq_send_exchange_declare(
                state, arena.text(exchange.name), arena.text(exchange.kind.name), flag(exchange.passive),
                flag(exchange.durable), flag(exchange.autoDelete), flag(exchange.internal),
                arena.table(exchange.arguments))
        case .deleteExchange(let name, let ifUnused):
            return rmq_send_exchange_delete(state, arena.text(name), flag(ifUnused))
        case .declareQueue(let queue):
            return rmq_send_queue_declare(
                state, arena.text(queue.name), flag(queue.passive), flag(queue.durable), flag(queue.exclusive),
                flag(queue.autoDelete), arena.table(queue.arguments))
        case .deleteQueue(let name, let ifUnused, let ifEmpty):
            return rmq_send_queue_delete(state, arena.text(name), flag(ifUnused), flag(ifEmpty))
        case .purgeQueue(let name): return rmq_send_queue_purge(state, arena.text(name))
        case .bind(let binding): return status(of: binding, undo: false)
        case .unbind(let binding): return status(of: binding, undo: true)
        case .prefetch(let count): return rmq_send_qos(state, count)
        case .consume(let consumer):
            return rmq_send_consume(
                state, arena.text(consumer.queue), arena.text(consumer.tag), flag(!consumer.acknowledges),
                flag(consumer.exclusive), arena.table(consumer.arguments))
        case .cancel(let consumer): return rmq_send_cancel(state, arena.text(consumer))
        }
    }

    private func status(of binding: AMQPBinding, undo: Bool) -> Int32 {
        let undo: Int32 = undo ? 1 : 0
        let target = arena.text(binding.target.name)
        let source = arena.text(binding.source)
        let key = arena.text(binding.routingKey)
        let arguments = arena.table(binding.arguments)
        return switch binding.target {
        case .queue: rmq_send_queue_bind(state, undo, target, source, key, arguments)
        case .exchange: rmq_send_exchange_bind(state, undo, target, source, key, arguments)
        }
    }

    /// Sends a message that `SizeCheck` let pass. Blocks while the kernel takes nothing; an error leaves half of it on
    /// the line.
    func publish(_ message: AMQPMessage, mandatory: Bool) throws(AMQPError) {
        var properties = arena.properties(message.properties)
        defer { arena.reset() }
        let exchange = arena.text(message.exchange)
        let key = arena.text(message.routingKey)
        let status = message.body.withUnsafeBytes { body in
            amqp_basic_publish(
                state, amqp_channel_t(RMQ_CHANNEL), exchange, key, mandatory ? 1 : 0, 0, &properties,
                amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress)))
        }
        try check(status, doing: "publishing")
        // The library marks the last frame of such a body as "more follows": the kernel would hold it back for 200 ms.
        if !message.body.isEmpty, message.body.count % (frameSize - 8) == 0 {
            try check(rmq_send_heartbeat(state), doing: "publishing")
        }
    }

    func acknowledge(_ number: UInt64, multiple: Bool) throws(AMQPError) {
        try check(amqp_basic_ack(state, amqp_channel_t(RMQ_CHANNEL), number, multiple ? 1 : 0), doing: "acknowledging")
    }

    func reject(_ number: UInt64, multiple: Bool, requeue: Bool) throws(AMQPError) {
        let status = amqp_basic_nack(
            state, amqp_channel_t(RMQ_CHANNEL), number, multiple ? 1 : 0, requeue ? 1 : 0)
        try check(status, doing: "rejecting")
    }

    func agreeToFlow(active: Bool) throws(AMQPError) {
        try check(rmq_send_flow_ok(state, active ? 1 : 0), doing: "agreeing to flow")
    }

    func agreeToChannelClose() throws(AMQPError) { try check(rmq_send_channel_close_ok(state), doing: "closing") }

    func agreeToClose() throws(AMQPError) { try check(rmq_send_connection_close_ok(state), doing: "closing") }

    func askToClose() throws(AMQPError) { try check(rmq_send_connection_close(state), doing: "closing") }
}
