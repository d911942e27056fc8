import AMQPBridge
import EventSchema
import Logging

/// Hears from the broker who binds to what is live, and tells those who are watched.
///
/// A broker without `amq.rabbitmq.event` on the team's virtual host tells nothing: then nobody is told, and that is all.
final class WatcherEar: AMQPHandler {
    private struct State {
        var session: AMQPSession?
        var book: WatcherBook?
        /// What was last told to each person.
        var told: [String: [String]] = [:]
        var isDeaf = false
    }

    private let archive: Identifier
    private let logger: Logger
    private let state = Guarded(State())

    init(archive: Identifier, logger: Logger) {
        self.archive = archive
        self.logger = logger
    }

    /// Hears until `stop`.
    func start(_ options: AMQPOptions) {
        stop()
        // Before the session is there: it may hear something at once.
        state.withLock { ($0.book, $0.told) = (WatcherBook(virtualHost: options.url.virtualHost), [:]) }
        let opened = AMQPSession(options, handler: self) {
            let queue = BrokerNames.archiverQueue(id: .random())
            return AMQPSetup(
                topology: AMQPTopology(
                    queues: [AMQPQueue(queue, durable: false, exclusive: true, arguments: ["x-max-length": 100_000])],
                    bindings: ["binding.*", "queue.deleted"].map {
                        AMQPBinding(from: BrokerNames.brokerEvents, to: .queue(queue), routingKey: $0)
                    }),
                consumers: [AMQPConsumer(queue: queue, tag: "events", acknowledges: false)])
        }
        state.withLock { $0.session = opened }
    }

    func stop() {
        state.withLock { state in
            defer { state.session = nil }
            return state.session
        }.map(Self.end)
    }

    private static func end(_ session: AMQPSession) { Task { await session.close(within: .zero) } }

    /// Says again who watches somebody: they have just come.
    func tellAgain(_ user: String) {
        state.withLock { state in
            guard let session = state.session, let book = state.book, !state.isDeaf else { return }
            publish(book.viewers(of: user), to: user, session, &state)
        }
    }

    private func publish(_ viewers: [String], to user: String, _ session: AMQPSession, _ state: inout State) {
        state.told[user] = viewers
        let message = WatchingMessage(archive: archive, user: user, viewers: viewers)
        session.publish(AMQPPublication(message.published, token: 0))
    }

    // MARK: On the session's thread

    func delivered(_ batch: [AMQPDelivery], by session: AMQPSession) {
        state.withLock { state in
            guard var book = state.book, state.session === session || state.session == nil else { return }
            state.book = nil
            var changed: Set<String> = []
            for delivery in batch { changed.formUnion(book.take(delivery.message)) }
            for user in changed.sorted() where state.told[user] != book.viewers(of: user) {
                publish(book.viewers(of: user), to: user, session, &state)
            }
            state.book = book
        }
    }

    func changed(to new: AMQPState, of session: AMQPSession) {
        switch new {
        case .open:
            state.withLock { state in
                state.isDeaf = false
                // What it knew was of the connection before; whoever follows binds once more.
                if let host = state.book?.virtualHost { state.book = WatcherBook(virtualHost: host) }
            }
            session.publish(
                AMQPPublication(
                    AMQPMessage(
                        exchange: BrokerNames.control, routingKey: BrokerNames.rollCallKey,
                        properties: AMQPProperties(
                            headers: ["v": .int(WireMessage.version)], type: "rollcall",
                            userID: BrokerNames.archiver, appID: WireMessage.appID), body: []), token: 0))
        case .waiting(_, let error, _):
            let isNew = state.withLock { state in
                defer { state.isDeaf = true }
                return !state.isDeaf
            }
            guard isNew else { return }
            if error.code == .missing || error.code == .refused {
                logger.notice(
                    "who watches is not known: the broker's plugin rabbitmq_event_exchange is not on this virtual host")
            } else {
                logger.warning("who watches is not known: \(error)")
            }
        case .connecting, .blocked, .closed: break
        }
    }
}
