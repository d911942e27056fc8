/// One connection with one channel, for a task at hand: set up a topology, look, publish a few, consume some.
///
/// It ends with the first error, as the protocol has it: a refused declaration closes the channel, and with it
/// everything here. `AMQPSession` is for what runs long. Blocking work happens on the connection's own thread.
public final class AMQPConnection: Sendable {
    init() {}

    /// Connects and logs in.
    public static func open(_ options: AMQPOptions) async throws(AMQPError) -> AMQPConnection { AMQPConnection() }

    /// Declares exchanges, queues and bindings, in this order.
    public func declare(_ topology: AMQPTopology) async throws(AMQPError) {}

    /// Declares a queue, or only looks at it (`passive`).
    @discardableResult
    public func declare(_ queue: AMQPQueue) async throws(AMQPError) -> AMQPQueueStatus {
        AMQPQueueStatus(name: "", messages: 0, consumers: 0)
    }
    public func unbind(_ binding: AMQPBinding) async throws(AMQPError) {}

    /// - Returns: how many messages went with it. A queue that does not exist is no error.
    @discardableResult
    public func delete(queue: String, ifUnused: Bool = false, ifEmpty: Bool = false) async throws(AMQPError) -> Int {
        0
    }
    public func delete(exchange: String, ifUnused: Bool = false) async throws(AMQPError) {}

    /// - Returns: how many messages were dropped.
    @discardableResult
    public func purge(queue: String) async throws(AMQPError) -> Int { 0 }

    /// Starts a consumer. Its deliveries come with back-pressure: at most `prefetch` are held here.
    public func consume(_ consumer: AMQPConsumer) async throws(AMQPError) -> AMQPDeliveries { AMQPDeliveries() }
    /// Stops a consumer; its sequence ends after what was delivered already.
    public func cancel(consumer: String) async throws(AMQPError) {}

    /// The broker may forget the message; `multiple`: and all before it.
    public func acknowledge(_ tag: AMQPDeliveryTag, multiple: Bool = false) {}
    /// The message was not taken: the broker delivers it again (`requeue`), or drops or dead-letters it.
    public func reject(_ tag: AMQPDeliveryTag, multiple: Bool = false, requeue: Bool) {}

    /// Sends a message and does not wait; what becomes of it is unknown.
    public func publish(_ message: AMQPMessage) {}

    /// Sends a message and waits until the broker has it (or says why not).
    public func publish(_ message: AMQPMessage, mandatory: Bool) async throws(AMQPError) -> AMQPSettlement.Result {
        .lost
    }

    /// Sends `message` with a direct reply-to and waits for the answer to it.
    public func request(_ message: AMQPMessage, timeout: Duration = .seconds(10)) async throws(AMQPError) -> AMQPMessage
    { message }

    /// Blocked, cancelled, closed: what happens without being asked for.
    public var events: AsyncStream<AMQPEvent> { AsyncStream { $0.finish() } }

    /// Closes in an orderly way; every call under way fails.
    public func close() async {}
}

/// What a queue declaration says.
public struct AMQPQueueStatus: Hashable, Sendable {
    /// The broker's choice, where none was given.
    public var name: String
    /// Ready ones; those delivered and not acknowledged do not count.
    public var messages: Int
    public var consumers: Int
}

/// What happens on a connection without being asked for.
public enum AMQPEvent: Sendable {
    case blocked(reason: String)
    case unblocked
    /// The broker ended a consumer, because its queue is gone or moves.
    case cancelled(consumer: String)
    /// Nil: by `close`.
    case closed(AMQPError?)
}

/// The deliveries of one consumer, in order. For one task; ends when the consumer is cancelled, throws when the connection fails.
public struct AMQPDeliveries: AsyncSequence, Sendable {
    public struct Iterator: AsyncIteratorProtocol {
        public mutating func next() async throws -> AMQPDelivery? { nil }
    }
    public func makeAsyncIterator() -> Iterator { Iterator() }
}
