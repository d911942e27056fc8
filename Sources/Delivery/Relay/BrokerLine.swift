import AMQPBridge
import EventSchema
import Foundation
import SwiftProtobuf
import Synchronization

extension Relay.Lines {
    /// Three connections to a broker: events with confirms, live without, and the one that hears and asks.
    public init(to login: BrokerLogin, window: Int = 1000) {
        self.init(
            events: { BrokerLine(login.publishing("playhead relay"), confirmWindow: window, tell: $0) },
            live: { BrokerLine(login.publishing("playhead live"), confirmWindow: nil, tell: $0) },
            control: { BrokerEar(login, tell: $0) })
    }
}

/// A publishing connection.
final class BrokerLine: RelayLine, AMQPHandler {
    private let tell: Relay.Lines.Tell
    private let session = Mutex<AMQPSession?>(nil)
    private let isBlocked = Mutex(false)

    init(_ options: AMQPOptions, confirmWindow: Int?, tell: @escaping Relay.Lines.Tell) {
        self.tell = tell
        let opened = AMQPSession(options, handler: self) { AMQPSetup(confirmWindow: confirmWindow) }
        session.withLock { $0 = opened }
    }

    func publish(_ publications: [AMQPPublication]) { session.withLock { $0 }?.publish(publications) }

    func close(dropping: Bool) { session.end(within: dropping ? .zero : .seconds(1)) }

    func settled(_ settlements: [AMQPSettlement], by session: AMQPSession) {
        var (confirmed, refused, lost): ([UInt64], [UInt64], [UInt64]) = ([], [], [])
        for settlement in settlements {
            switch settlement.result {
            case .confirmed: confirmed.append(settlement.token)
            case .impossible(let why): tell(.impossible(settlement.token, why))
            case .refused: refused.append(settlement.token)
            case .lost: lost.append(settlement.token)
            case .unroutable: tell(.returned(settlement.token))
            }
        }
        if !confirmed.isEmpty { tell(.confirmed(confirmed)) }
        if !refused.isEmpty { tell(.refused(refused)) }
        if !lost.isEmpty { tell(.lost(lost)) }
    }

    func changed(to state: AMQPState, of session: AMQPSession) {
        let wasBlocked = isBlocked.withLock { isBlocked in
            defer { isBlocked = if case .blocked = state { true } else { false } }
            return isBlocked
        }
        if let event = RelayEvent(state, wasBlocked: wasBlocked) { tell(event) }
    }
}

/// The connection on which an agent hears the team's archive, and asks it.
final class BrokerEar: ControlLine, AMQPHandler {
    private let tell: Relay.Lines.Tell
    private let login: BrokerLogin
    private let session = Mutex<AMQPSession?>(nil)
    private let isBlocked = Mutex(false)

    init(_ login: BrokerLogin, tell: @escaping Relay.Lines.Tell) {
        self.tell = tell
        self.login = login
        let opened = AMQPSession(login.following("playhead ear"), handler: self) {
            let topology = BrokerTopology.ear(of: login.user)
            return AMQPSetup(
                topology: topology,
                consumers: topology.queues.map { AMQPConsumer(queue: $0.name, tag: "ear", acknowledges: false) } + [
                    AMQPConsumer(queue: AMQPConsumer.directReplyTo, tag: "answers", acknowledges: false)
                ])
        }
        session.withLock { $0 = opened }
    }

    func ask(_ request: ArchiveRequest, number: UInt64) {
        let message = request.message(from: login.user, correlation: "\(number)")
        session.withLock { $0 }?.publish(AMQPPublication(message, token: number))
    }

    func close() { session.end(within: .seconds(1)) }

    func delivered(_ batch: [AMQPDelivery], by session: AMQPSession) {
        for delivery in batch where delivery.omitted.isEmpty {
            guard delivery.consumer == "answers" else {
                tell(.told(delivery.message))
                continue
            }
            if delivery.message.properties.userID == BrokerNames.archiver,
                let reply = try? ArchiveReply(serializedBytes: delivery.message.body),
                let number = delivery.message.properties.correlationID.flatMap({ UInt64($0) })
            {
                tell(.answered(number, reply))
            }
        }
    }

    func changed(to state: AMQPState, of session: AMQPSession) {
        let wasBlocked = isBlocked.withLock { isBlocked in
            defer { isBlocked = if case .blocked = state { true } else { false } }
            return isBlocked
        }
        if let event = RelayEvent(state, wasBlocked: wasBlocked) { tell(event) }
    }
}

extension RelayEvent {
    /// What a session's new state means to a relay; nil: nothing.
    ///
    /// - Parameter wasBlocked: whether the connection was open before.
    fileprivate init?(_ state: AMQPState, wasBlocked: Bool) {
        switch state {
        case .connecting: return nil
        case .open: self = wasBlocked ? .blocked(nil) : .connected
        case .blocked(let reason): self = .blocked(reason)
        case .waiting(_, let error, _): self = .waiting(error)
        case .closed: self = .waiting(AMQPError(.closed, "closed"))
        }
    }
}

extension Mutex<AMQPSession?> {
    /// Closes the session, a moment later.
    fileprivate borrowing func end(within time: Duration) {
        let session = withLock { session in
            defer { session = nil }
            return session
        }
        if let session { Task { await session.close(within: time) } }
    }
}

extension ArchiveRequest {
    /// The word for the request in its routing key.
    var word: String {
        switch what {
        case .catalogue: "catalogue"
        case .heads: "heads"
        case .keyframe: "keyframe"
        case .range: "range"
        case .search: "search"
        case nil: "nothing"
        }
    }

    /// The request as a person's follow login sends it to the archive.
    func message(from user: String, correlation: String? = nil) -> AMQPMessage {
        AMQPMessage(
            exchange: BrokerNames.control, routingKey: BrokerNames.requestKey(from: user, kind: word),
            properties: AMQPProperties(
                contentType: WireMessage.contentType, headers: ["v": .int(WireMessage.version)],
                correlationID: correlation, replyTo: AMQPConsumer.directReplyTo, expiration: "10000",
                type: "request", userID: BrokerNames.followLogin(of: user), appID: WireMessage.appID),
            body: (try? serializedBytes()) ?? [])
    }
}
