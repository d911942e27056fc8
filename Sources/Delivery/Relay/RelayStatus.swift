import AMQPBridge

/// How a relay is, for a person to see.
public struct RelayStatus: Sendable, Equatable {
    public enum Phase: String, Sendable {
        /// No connection yet, or none any more.
        case waiting
        case connected
        /// The broker takes nothing for lack of memory or disk.
        case blocked
        /// The archive's queue is at its limit.
        case full
        /// The broker has no queue for it: nobody has set the team up, or the queue was deleted.
        case unroutable
    }

    public var place: BrokerPlace
    public var phase = Phase.waiting
    /// Why it waits or is blocked, in words; empty where there is nothing to say yet.
    public var reason = ""
    /// What to do about it; empty: nothing, or the reason says it.
    public var next = ""
    /// Batches that the team's archive does not have yet.
    public var unsent: UInt64 = 0
    /// Messages without a confirmation.
    public var inFlight = 0
    /// Whether a team's archive has answered on this connection.
    public var hearsArchive = false
    /// Who follows the person now, by what the broker says; nobody where it says nothing.
    public var viewers: [String] = []
    /// Why the archive is not heard, or followers see nothing, while events do go out.
    public var otherTrouble = ""

    public init(place: BrokerPlace) { self.place = place }

    /// Whether one of its connections could not be made.
    public var isTroubled: Bool { phase == .waiting && !reason.isEmpty || !otherTrouble.isEmpty }

    /// One sentence: where, what, how much waits, what to do.
    public var sentence: String {
        let backlog = unsent == 0 ? "all archived" : "\(unsent) not archived yet"
        let other = otherTrouble.isEmpty ? "" : "; \(otherTrouble)"
        switch phase {
        case .connected:
            if hearsArchive || unsent == 0 { return "\(place): \(backlog)\(other)" }
            return "\(place): \(backlog), no archiver answers; is `playhead serve` running there?\(other)"
        case .waiting:
            if reason.isEmpty { return "\(place): connecting, \(backlog)" }
            return "\(place): not connected: \(reason); \(next.isEmpty ? "" : "\(next); ")\(backlog)"
        case .blocked:
            return "\(place): the broker is out of memory or disk (\(reason)) and takes nothing, \(backlog); "
                + "its operator makes room, then it goes on by itself"
        case .full:
            return "\(place): the archive's queue is full and takes nothing, \(backlog); "
                + "`playhead serve` there empties it, then it goes on by itself"
        case .unroutable:
            return "\(place): the broker has no queue for the archive, \(backlog); "
                + "`playhead serve` or `playhead team apply` there makes it, then it goes on by itself"
        }
    }
}
