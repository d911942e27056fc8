import AMQPBridge
import EventSchema

/// Where a session's events go. Fixed when the session starts, kept in its first event; only `share` and `publish`
/// widen it, and nothing ever sends it to a second broker.
public enum Destination: Hashable, Sendable {
    /// Nowhere but one's own archive.
    case local
    /// To the team's archive.
    case team(BrokerPlace)
    /// To the team's archive and to whoever follows now.
    case live(BrokerPlace)

    public var broker: BrokerPlace? {
        switch self {
        case .local: nil
        case .team(let place), .live(let place): place
        }
    }

    /// Who gets to see it, as the schema says it.
    public var reach: Reach {
        switch self {
        case .local: .local
        case .team: .team
        case .live: .live
        }
    }

    /// What a session's first event says.
    ///
    /// A reach this program does not know is local: what is not understood is not sent.
    /// - Throws: `DestinationError(.malformed)` if it goes to a broker that the event does not name.
    public init(of opened: SessionOpened) throws(DestinationError) {
        switch opened.reach {
        case .team: self = .team(try BrokerPlace(opened.broker, virtualHost: opened.virtualHost))
        case .live: self = .live(try BrokerPlace(opened.broker, virtualHost: opened.virtualHost))
        default: self = .local
        }
    }

    /// Writes it into a session's first event.
    public func write(to opened: inout SessionOpened) {
        opened.reach = reach
        opened.broker = broker?.address ?? ""
        opened.virtualHost = broker?.virtualHost ?? ""
    }

    /// The destination that is at least as wide as this one and as `reach`.
    ///
    /// - Parameter broker: where to, for a session that was local; must be the session's own for one that was not.
    /// - Throws: `DestinationError`: `.noBroker`, `.otherBroker`.
    public func widened(to reach: Reach, at broker: BrokerPlace?) throws(DestinationError) -> Destination {
        guard reach == .team || reach == .live else { return self }
        guard let place = self.broker ?? broker else {
            throw DestinationError(.noBroker, "no broker is known; name one with --broker URL")
        }
        if let broker, broker != place {
            throw DestinationError(.otherBroker, "this session goes to \(place); it cannot also go to \(broker)")
        }
        if case .live = self { return self }
        return reach == .live ? .live(place) : .team(place)
    }
}

extension Destination: CustomStringConvertible {
    /// `local`, `team amqps://HOST/VHOST` or `live amqps://HOST/VHOST`.
    public var description: String {
        switch self {
        case .local: "local"
        case .team(let place): "team \(place)"
        case .live(let place): "live \(place)"
        }
    }

    /// The destination that `text`, a `description`, says.
    ///
    /// - Throws: `DestinationError(.malformed)`.
    public init(_ text: String) throws(DestinationError) {
        let words = text.split(separator: " ", maxSplits: 1)
        switch (words.first, words.count) {
        case ("local", 1): self = .local
        case ("team", 2): self = .team(try BrokerPlace(url: String(words[1])))
        case ("live", 2): self = .live(try BrokerPlace(url: String(words[1])))
        default: throw DestinationError(.malformed, "'\(text)' is not local, team URL or live URL")
        }
    }
}
