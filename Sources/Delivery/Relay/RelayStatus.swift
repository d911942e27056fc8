/// How a relay is, for a person to see.
public struct RelayStatus: Sendable, Equatable {
    public enum Phase: String, Sendable {
        /// No connection yet, or none any more.
        case waiting
        case connected
        /// The broker takes nothing for lack of memory or disk.
        case blocked
        /// The broker has no queue for it: nobody has set the team up.
        case unroutable
    }

    public var place: BrokerPlace
    public var phase = Phase.waiting
    /// Why it waits, in words.
    public var reason = ""
    /// Batches that the team's archive does not have yet.
    public var unsent: UInt64 = 0
    /// Messages without a confirmation.
    public var inFlight = 0
    /// Whether a team's archive has answered on this connection.
    public var hearsArchive = false

    public init(place: BrokerPlace) { self.place = place }

    /// One sentence.
    public var sentence: String {
        let backlog = unsent == 0 ? "all archived" : "\(unsent) not archived yet"
        switch phase {
        case .connected: return "\(place): \(backlog)\(hearsArchive || unsent == 0 ? "" : ", no archiver answers")"
        case .waiting: return "\(place): not connected (\(reason.isEmpty ? "connecting" : reason)), \(backlog)"
        case .blocked: return "\(place): the broker is out of memory or disk and takes nothing, \(backlog)"
        case .unroutable:
            return "\(place): the broker has no queue for the archive; start `playhead serve` once, \(backlog)"
        }
    }
}
