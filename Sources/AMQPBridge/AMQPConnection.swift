/// One connection with one channel, for a task at hand: set up a topology, look, publish a few, consume some.
///
/// It ends with the first error, as the protocol has it: a refused declaration closes the channel, and with it
/// everything here. `AMQPSession` is for what runs long. Blocking work happens on the connection's own thread, which
/// lives until `close` or the first error.
public final class AMQPConnection: Sendable {
    /// Whether the consumer of direct replies is there.
    enum Replies {
        case none
        /// Who waits for it.
        case asked([CheckedContinuation<Result<Void, AMQPError>, Never>])
        case ready
    }

    struct Shared {
        var opening: CheckedContinuation<Result<Void, AMQPError>, Never>?
        /// Nil while it lives.
        var ended: AMQPError??
        var consumers: [String: DeliveryBuffer] = [:]
        var publishing: [UInt64: CheckedContinuation<AMQPSettlement.Result, Never>] = [:]
        var requests: [String: CheckedContinuation<Result<AMQPMessage, AMQPError>, Never>] = [:]
        var replies = Replies.none
        var counter: UInt64 = 0
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    /// Blocked, cancelled, closed: what happens without being asked for. For one task; the newest 100 are kept.
    public let events: AsyncStream<AMQPEvent>
    let event: AsyncStream<AMQPEvent>.Continuation
    let options: AMQPOptions
    let mailbox = Mailbox()
    let shared = Guarded(Shared())

    private init(_ options: AMQPOptions) {
        self.options = options
        (events, event) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(100))
    }

    /// Connects and logs in.
    public static func open(_ options: AMQPOptions) async throws(AMQPError) -> AMQPConnection {
        let connection = AMQPConnection(options)
        let result = await withCheckedContinuation { continuation in
            connection.shared.withLock { $0.opening = continuation }
            let starts = OwnThread.start(name: options.connectionName) { connection.run() }
            if !starts { connection.end(AMQPError(.broker, "the system has no more threads")) }
        }
        try result.get()
        return connection
    }

    // MARK: Topology

    /// Declares exchanges, queues and bindings, in this order.
    public func declare(_ topology: AMQPTopology) async throws(AMQPError) {
        for exchange in topology.exchanges { try await ask(.declareExchange(exchange)) }
        for queue in topology.queues { try await ask(.declareQueue(queue)) }
        for binding in topology.bindings { try await ask(.bind(binding)) }
    }

    /// Declares a queue, or only looks at it (`passive`).
    @discardableResult
    public func declare(_ queue: AMQPQueue) async throws(AMQPError) -> AMQPQueueStatus {
        let answer = try await ask(.declareQueue(queue))
        return AMQPQueueStatus(
            name: answer.name, messages: Int(clamping: answer.messages), consumers: Int(clamping: answer.consumers))
    }

    public func unbind(_ binding: AMQPBinding) async throws(AMQPError) { try await ask(.unbind(binding)) }

    /// - Returns: how many messages went with it. A queue that does not exist is no error.
    @discardableResult
    public func delete(queue: String, ifUnused: Bool = false, ifEmpty: Bool = false) async throws(AMQPError) -> Int {
        Int(clamping: try await ask(.deleteQueue(queue, ifUnused: ifUnused, ifEmpty: ifEmpty)).messages)
    }

    public func delete(exchange: String, ifUnused: Bool = false) async throws(AMQPError) {
        try await ask(.deleteExchange(exchange, ifUnused: ifUnused))
    }

    /// - Returns: how many messages were dropped.
    @discardableResult
    public func purge(queue: String) async throws(AMQPError) -> Int {
        Int(clamping: try await ask(.purgeQueue(queue)).messages)
    }

    // MARK: Consuming

    /// Starts a consumer. Its deliveries come with back-pressure: at most `prefetch` are held here. A reader that falls
    /// 10,000 behind where nothing limits the broker (no acknowledgements, no prefetch) ends the connection.
    public func consume(_ consumer: AMQPConsumer) async throws(AMQPError) -> AMQPDeliveries {
        let buffer = DeliveryBuffer(limit: max(10_000, Int(consumer.prefetch)))
        let isNew = shared.withLock { shared in
            guard shared.consumers[consumer.tag] == nil else { return false }
            shared.consumers[consumer.tag] = buffer
            return true
        }
        guard isNew else { throw AMQPError(.busy, "there is a consumer '\(consumer.tag)' on this connection already") }
        do {
            try await ask(.prefetch(consumer.prefetch))
            try await ask(.consume(consumer))
        } catch {
            shared.withLock { $0.consumers[consumer.tag] = nil }
            throw error
        }
        return AMQPDeliveries(buffer: buffer)
    }

    /// Stops a consumer; its sequence ends after what was delivered already.
    public func cancel(consumer: String) async throws(AMQPError) {
        try await ask(.cancel(consumer: consumer))
        shared.withLock { $0.consumers.removeValue(forKey: consumer) }?.finish()
    }

    /// The broker may forget the message; `multiple`: and all before it.
    public func acknowledge(_ tag: AMQPDeliveryTag, multiple: Bool = false) {
        mailbox.post(.acknowledge(tag, multiple: multiple))
    }

    /// The message was not taken: the broker delivers it again (`requeue`), or drops or dead-letters it.
    public func reject(_ tag: AMQPDeliveryTag, multiple: Bool = false, requeue: Bool) {
        mailbox.post(.reject(tag, multiple: multiple, requeue: requeue))
    }

    // MARK: Publishing

    /// Sends a message and does not wait; what becomes of it is unknown.
    public func publish(_ message: AMQPMessage) {
        mailbox.publish([AMQPPublication(message, token: 0)], limit: options.maximumWaiting)
    }

    /// Sends a message and waits until the broker has it, or says why not.
    public func publish(_ message: AMQPMessage, mandatory: Bool) async -> AMQPSettlement.Result {
        await withCheckedContinuation { continuation in
            let token: UInt64? = shared.withLock { shared in
                guard shared.ended == nil else { return nil }
                shared.counter += 1
                shared.publishing[shared.counter] = continuation
                return shared.counter
            }
            guard let token else { return continuation.resume(returning: .lost) }
            mailbox.publish(
                [AMQPPublication(message, token: token, mandatory: mandatory)], limit: options.maximumWaiting)
        }
    }

    /// Sends `message` with a direct reply-to and a correlation id, and waits for the answer to it.
    ///
    /// - Throws: `AMQPError(.timeout)` if none came; nobody may be there to answer.
    public func request(
        _ message: AMQPMessage, timeout: Duration = .seconds(10)
    ) async throws(AMQPError) -> AMQPMessage {
        try await consumeReplies()
        var message = message
        let id = shared.withLock { shared in
            shared.counter += 1
            return String(shared.counter)
        }
        message.properties.correlationID = id
        message.properties.replyTo = AMQPConsumer.directReplyTo
        let timer = Task {
            try await Task.sleep(for: timeout)
            answer(id, .failure(AMQPError(.timeout, "no answer within \(timeout)")))
        }
        defer { timer.cancel() }
        let result: Result<AMQPMessage, AMQPError> = await withCheckedContinuation { continuation in
            let ended = shared.withLock { shared in
                if shared.ended == nil { shared.requests[id] = continuation }
                return shared.ended
            }
            if let ended { return continuation.resume(returning: .failure(Self.error(of: ended))) }
            publish(message)
        }
        return try result.get()
    }

    /// Closes in an orderly way; every call under way fails.
    public func close() async {
        await withCheckedContinuation { continuation in
            let isEnded = shared.withLock { shared in
                guard shared.ended == nil else { return true }
                shared.closers.append(continuation)
                return false
            }
            if isEnded { return continuation.resume() }
            mailbox.post(.close(deadline: Ticks.after(.seconds(2))))
        }
    }
}
