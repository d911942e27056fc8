import AMQPBridge
import EventSchema

/// What a person has said about sending what is recorded. A configured broker says *where*, never *that*.
public struct Consent: Hashable, Sendable {
    /// `publish` in the user's own configuration; a workspace's file has no say.
    public enum Publishing: String, Hashable, Sendable {
        case never, always
    }

    /// `--broker`, given for this very command.
    public var broker: AMQPURL?
    /// `PLAYHEAD_BROKER` or the configuration.
    public var configuredBroker: AMQPURL?
    public var publishing: Publishing

    public init(broker: AMQPURL? = nil, configuredBroker: AMQPURL? = nil, publishing: Publishing = .never) {
        self.broker = broker
        self.configuredBroker = configuredBroker
        self.publishing = publishing
    }

    /// Where a session that `rec` or `on` starts now will go: live if this command names a broker, to the team's
    /// archive if the user always publishes, else nowhere.
    ///
    /// - Throws: `DestinationError(.noBroker)` if the user always publishes and no broker is known.
    public func destinationOfNewSession() throws(DestinationError) -> Destination {
        if let broker { return .live(BrokerPlace(broker)) }
        switch publishing {
        case .never: return .local
        case .always: return try Destination.local.widened(to: .team, at: configuredPlace)
        }
    }

    /// Where a session goes on after `share`.
    ///
    /// - Throws: `DestinationError`: `.noBroker`, `.otherBroker`.
    public func shared(_ destination: Destination) throws(DestinationError) -> Destination {
        try destination.widened(to: .live, at: place(for: destination))
    }

    /// Where a session goes that `publish` hands over.
    ///
    /// - Throws: `DestinationError`: `.noBroker`, `.otherBroker`.
    public func published(_ destination: Destination) throws(DestinationError) -> Destination {
        try destination.widened(to: .team, at: place(for: destination))
    }

    private var configuredPlace: BrokerPlace? { configuredBroker.map { BrokerPlace($0) } }

    /// The broker named now; the configured one only for a session that has none of its own yet.
    private func place(for destination: Destination) -> BrokerPlace? {
        broker.map { BrokerPlace($0) } ?? (destination.broker == nil ? configuredPlace : nil)
    }
}
