/// A subscription to a queue.
public struct AMQPConsumer: Hashable, Sendable {
    /// Consume from it (with `acknowledges: false`) to receive answers to messages whose `replyTo` is this name, on the
    /// same connection.
    public static let directReplyTo = "amq.rabbitmq.reply-to"

    public var queue: String
    /// Its name in deliveries, at most 255 bytes; one connection knows each only once.
    public var tag: String
    /// False: the broker forgets a message as it sends it (`no-ack`).
    public var acknowledges: Bool
    /// Refuses to share the queue.
    public var exclusive: Bool
    /// How many messages may be unacknowledged, so also how many are held here at once; 0 is no limit.
    public var prefetch: UInt16
    public var arguments: AMQPTable

    public init(
        queue: String, tag: String, acknowledges: Bool = true, exclusive: Bool = false, prefetch: UInt16 = 1000,
        arguments: AMQPTable = [:]
    ) {
        self.queue = queue
        self.tag = tag
        self.acknowledges = acknowledges
        self.exclusive = exclusive
        self.prefetch = prefetch
        self.arguments = arguments
    }
}
