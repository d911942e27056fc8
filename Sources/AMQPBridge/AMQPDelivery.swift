/// Names one delivery on one connection. A tag of a connection that is gone has no effect, so it is safe to keep.
public struct AMQPDeliveryTag: Hashable, Sendable {
    /// Which connection of this process.
    public let epoch: UInt64
    /// Counts from 1 on each.
    public let number: UInt64
}

/// A message that a consumer received.
public struct AMQPDelivery: Sendable {
    /// What was left out because it exceeds what `AMQPOptions` allows; the rest of the delivery is sound.
    public struct Omission: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The body is larger than `maximumBody`; it was read past, never held. `bodySize` says how large it is.
        public static let body = Omission(rawValue: 1)
        /// The headers are nested too deep or too many; those that fitted are there.
        public static let headers = Omission(rawValue: 2)
    }

    public var message: AMQPMessage
    public var tag: AMQPDeliveryTag
    public var consumer: String
    /// The broker may have delivered it before.
    public var redelivered: Bool
    /// Bytes of the body as announced; equal to `message.body.count` unless it was omitted.
    public var bodySize: UInt64
    public var omitted: Omission

    public init(
        message: AMQPMessage, tag: AMQPDeliveryTag, consumer: String, redelivered: Bool, bodySize: UInt64,
        omitted: Omission = []
    ) {
        self.message = message
        self.tag = tag
        self.consumer = consumer
        self.redelivered = redelivered
        self.bodySize = bodySize
        self.omitted = omitted
    }
}
