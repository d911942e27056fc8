/// What happens on a connection without being asked for.
public enum AMQPEvent: Sendable {
    /// The broker takes no messages, for this reason (memory, disk); what is published waits here.
    case blocked(reason: String)
    case unblocked
    /// The broker ended a consumer, because its queue is gone or moves.
    case cancelled(consumer: String)
    /// Nil: by `close`. Nothing comes after it.
    case closed(AMQPError?)
}

/// What a queue declaration says.
public struct AMQPQueueStatus: Hashable, Sendable {
    /// The broker's choice, where none was given.
    public var name: String
    /// Ready ones; those delivered and not acknowledged do not count.
    public var messages: Int
    public var consumers: Int
}
