import AMQPBridge

/// When an archiver or a follower gives up because waiting mends nothing: a wrong login, a missing permission, a certificate.
///
/// Before its connection has ever held, at once. Afterwards, when somebody is probably at work on the broker, only after
/// some attempts in a row.
public struct BrokerPatience: Sendable {
    /// A connection that lived so long has worked.
    public static let settled = Duration.seconds(10)
    /// So many refusals in a row end one that has worked.
    public static let attempts = 3

    private var openedAt: ContinuousClock.Instant?
    private var hasWorked = false
    private var refusals = 0

    public init() {}

    /// Takes note of how a connection stands.
    ///
    /// - Returns: why to give up; nil: go on.
    public mutating func heard(_ state: AMQPState, now: ContinuousClock.Instant) -> AMQPError? {
        switch state {
        case .open, .blocked:
            openedAt = openedAt ?? now
            return nil
        case .waiting(_, let error, let needsAttention):
            if let openedAt, now - openedAt >= Self.settled { (hasWorked, refusals) = (true, 0) }
            openedAt = nil
            guard needsAttention else { return nil }
            refusals += 1
            return hasWorked && refusals < Self.attempts ? nil : error
        case .connecting, .closed: return nil
        }
    }
}
