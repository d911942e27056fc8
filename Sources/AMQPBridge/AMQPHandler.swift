/// Hears what happens on a session, on the session's own thread, one call at a time, in the order it happened.
///
/// While a call runs nothing is read: that is the back-pressure. Blocking work (a commit) belongs here, but it must not
/// take longer than the heartbeat, or the broker hangs up. Every function of the session may be called from here.
public protocol AMQPHandler: Sendable {
    /// Everything that was readable now, oldest first; at most 1,000.
    func delivered(_ batch: [AMQPDelivery], by session: AMQPSession)
    /// What became of publications. Those that a lost connection leaves are settled before the state changes.
    func settled(_ settlements: [AMQPSettlement], by session: AMQPSession)
    /// After `open` the topology stands and the consumers run: what was lost can be published again.
    func changed(to state: AMQPState, of session: AMQPSession)
}

extension AMQPHandler {
    public func delivered(_ batch: [AMQPDelivery], by session: AMQPSession) {}
    public func settled(_ settlements: [AMQPSettlement], by session: AMQPSession) {}
    public func changed(to state: AMQPState, of session: AMQPSession) {}
}
