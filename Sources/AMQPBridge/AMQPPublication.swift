/// A message to send, under the sender's own number.
public struct AMQPPublication: Sendable {
    public var message: AMQPMessage
    /// The sender's; comes back in the settlement. This room does not look at it.
    public var token: UInt64
    /// Whether the broker shall say when no queue takes it; without, such a message counts as confirmed.
    public var mandatory: Bool

    public init(_ message: AMQPMessage, token: UInt64, mandatory: Bool = false) {
        self.message = message
        self.token = token
        self.mandatory = mandatory
    }
}

/// What became of a publication. With confirms each one is settled exactly once.
public struct AMQPSettlement: Equatable, Sendable {
    public enum Result: Equatable, Sendable {
        /// Every queue it was routed to has it; a persistent message in a durable queue is on disk.
        case confirmed
        /// A queue is full or failed: publish it again, later.
        case refused
        /// The broker took it, but no queue did (`mandatory`): publish it again when somebody has bound one.
        case unroutable
        /// The connection is gone, or was not there: whether the broker has it is unknown. Publish it again.
        case lost
        /// It was not sent and never can be: a name or the headers are too long, the body larger than allowed.
        case impossible(String)
    }

    public var token: UInt64
    public var result: Result

    public init(_ token: UInt64, _ result: Result) {
        self.token = token
        self.result = result
    }
}
