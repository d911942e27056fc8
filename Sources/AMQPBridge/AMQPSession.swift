/// A connection that is kept up: one thread, one connection and one channel at a time, opened again when it ends.
///
/// Each connection is set up completely (topology, consumers, confirms). Nothing is buffered across connections: what
/// was not confirmed is settled as lost, and its owner publishes it again. An error that waiting does not mend is told
/// in the state (`needsAttention`) and tried again only at the slowest pace. Every function returns at once and may be
/// called from any thread, the handler's included.
public final class AMQPSession: Sendable {
    /// Starts it. It runs until `close`.
    ///
    /// - Parameters:
    ///   - handler: is kept until the session is closed.
    ///   - setup: is asked once per connection, on the session's thread.
    public init(
        _ options: AMQPOptions, reconnect: ReconnectPolicy = ReconnectPolicy(), handler: any AMQPHandler,
        setup: @escaping @Sendable () -> AMQPSetup
    ) {
    }

    /// Where it stands now.
    public var state: AMQPState { .connecting }

    /// Sends messages in this order, as far as window and broker allow; the rest waits here, until the connection
    /// ends. Without an open connection they are settled as lost at once (without confirms: dropped).
    public func publish(_ publications: [AMQPPublication]) {}
    public func publish(_ publication: AMQPPublication) { publish([publication]) }

    /// The broker may forget the message; `multiple`: and all before it on this connection.
    public func acknowledge(_ tag: AMQPDeliveryTag, multiple: Bool = false) {}

    /// The message was not taken: the broker delivers it again (`requeue`), or drops or dead-letters it.
    public func reject(_ tag: AMQPDeliveryTag, multiple: Bool = false, requeue: Bool) {}

    /// Declares more, now if it is open and on each later connection after the setup's topology.
    public func declare(_ more: AMQPTopology) {}

    /// Undoes a binding, of the setup or of `declare`, now and on each later connection.
    public func unbind(_ binding: AMQPBinding) {}

    /// Ends a wait for the next attempt.
    public func retry() {}

    /// Sends what waits, hears its confirms (both at most `time`), then closes; what is left is settled as lost. When
    /// it returns, no handler function runs or will run. Not to be awaited inside the handler.
    public func close(within time: Duration = .seconds(5)) async {}
}
