/// Where a session stands.
public enum AMQPState: Sendable {
    /// On its way: name, TCP, TLS, login, topology, consumers.
    case connecting
    /// Consumers run, messages go out.
    case open
    /// Open, but the broker takes no messages, for this reason (memory, disk). They wait here.
    case blocked(reason: String)
    /// The last connection or attempt ended with `error`; the next attempt starts at `until`.
    case waiting(until: ContinuousClock.Instant, error: AMQPError, needsAttention: Bool)
    /// Closed by its owner; it never opens again.
    case closed
}
