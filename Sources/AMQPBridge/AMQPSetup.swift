/// What one connection of a session is for: made anew for every connection, so that it may use fresh names.
public struct AMQPSetup: Sendable {
    /// Declared first.
    public var topology: AMQPTopology
    /// Started once the topology stands.
    public var consumers: [AMQPConsumer]
    /// How many messages may be sent and not yet answered; nil publishes without confirms, then no settlement comes.
    public var confirmWindow: Int?

    public init(topology: AMQPTopology = AMQPTopology(), consumers: [AMQPConsumer] = [], confirmWindow: Int? = nil) {
        self.topology = topology
        self.consumers = consumers
        self.confirmWindow = confirmWindow
    }
}
