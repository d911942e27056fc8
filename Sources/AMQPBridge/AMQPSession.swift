/// A connection that is kept up: one thread, one connection and one channel at a time, opened again when it ends.
///
/// Each connection is set up completely (topology, consumers, confirms). Nothing is buffered across connections: what
/// was not confirmed is settled as lost, and its owner publishes it again. An error that waiting does not mend is told
/// in the state (`needsAttention`) and tried again only at the slowest pace. Every function returns at once and may be
/// called from any thread, the handler's included.
public final class AMQPSession: Sendable {
    private struct Shared {
        var state = AMQPState.connecting
        /// What `declare` and `unbind` changed since the start.
        var added = AMQPTopology()
        var removed: [AMQPBinding] = []
        var closers: [CheckedContinuation<Void, Never>] = []
        var isClosing = false
        var isClosed = false
        /// The connection under way.
        var watch: Watched?
    }

    private let options: AMQPOptions
    private let policy: ReconnectPolicy
    private let handler: any AMQPHandler
    private let setup: @Sendable () -> AMQPSetup
    private let mailbox = Mailbox()
    private let shared = Guarded(Shared())

    /// Starts it. It runs until `close`.
    ///
    /// - Parameters:
    ///   - handler: is kept until the session is closed.
    ///   - setup: is asked once per connection, on the session's thread.
    public init(
        _ options: AMQPOptions, reconnect: ReconnectPolicy = ReconnectPolicy(), handler: any AMQPHandler,
        setup: @escaping @Sendable () -> AMQPSetup
    ) {
        self.options = options
        policy = reconnect
        self.handler = handler
        self.setup = setup
        if !OwnThread.start(name: options.connectionName, { self.run() }) { end(confirms: true) }
    }

    /// Where it stands now.
    public var state: AMQPState { shared.withLock { $0.state } }

    /// Sends messages in this order, as far as window and broker allow; the rest waits here, until the connection
    /// ends. Without an open connection they are settled as lost at once (without confirms: dropped).
    public func publish(_ publications: [AMQPPublication]) {
        guard !publications.isEmpty else { return }
        mailbox.publish(publications, limit: options.maximumWaiting)
    }

    public func publish(_ publication: AMQPPublication) { publish([publication]) }

    /// The broker may forget the message; `multiple`: and all before it on this connection.
    public func acknowledge(_ tag: AMQPDeliveryTag, multiple: Bool = false) {
        mailbox.post(.acknowledge(tag, multiple: multiple))
    }

    /// The message was not taken: the broker delivers it again (`requeue`), or drops or dead-letters it.
    public func reject(_ tag: AMQPDeliveryTag, multiple: Bool = false, requeue: Bool) {
        mailbox.post(.reject(tag, multiple: multiple, requeue: requeue))
    }

    /// Declares more, now if it is open and on each later connection after the setup's topology.
    public func declare(_ more: AMQPTopology) {
        shared.withLock { shared in
            shared.added.formUnion(more)
            shared.removed.removeAll { more.bindings.contains($0) }
        }
        for exchange in more.exchanges { mailbox.post(.call(Call(request: .declareExchange(exchange)))) }
        for queue in more.queues { mailbox.post(.call(Call(request: .declareQueue(queue)))) }
        for binding in more.bindings { mailbox.post(.call(Call(request: .bind(binding)))) }
    }

    /// Binds now, on the connection under way and no other.
    public func bindNow(_ binding: AMQPBinding) { mailbox.post(.call(Call(request: .bind(binding)))) }

    /// Undoes a binding, of the setup or of `declare`, now and on each later connection.
    public func unbind(_ binding: AMQPBinding) {
        shared.withLock { shared in
            shared.added.bindings.removeAll { $0 == binding }
            shared.removed.append(binding)
        }
        mailbox.post(.call(Call(request: .unbind(binding))))
    }

    /// Ends a wait for the next attempt.
    public func retry() { mailbox.post(.retry) }

    /// Sends what waits, hears its confirms (both at most `time`), then closes; what is left is settled as lost. When
    /// it returns, no handler function runs or will run. Not to be awaited inside the handler.
    public func close(within time: Duration = .seconds(5)) async {
        await withCheckedContinuation { continuation in
            let isClosed = shared.withLock { shared in
                if shared.isClosed { return true }
                shared.closers.append(continuation)
                shared.isClosing = true
                // A login that hangs is not waited for.
                if case .connecting = shared.state { shared.watch?.abort() }
                return false
            }
            if isClosed { return continuation.resume() }
            mailbox.post(.close(deadline: Ticks.after(time)))
        }
    }

    // MARK: The thread

    private func run() {
        var policy = policy
        var generator = SystemRandomNumberGenerator()
        var confirms = true
        while !shared.withLock({ $0.isClosing }) {
            set(.connecting)
            let setup = completeSetup()
            confirms = setup.confirmWindow != nil
            let host = SessionHost(self, handler: handler)
            let engine = Engine(options, mailbox: mailbox, host: host)
            shared.withLock { $0.watch = engine.watch }
            let ending = engine.run(setup)
            shared.withLock { $0.watch = nil }
            guard let ending else { break }
            let lifetime = host.openedAt.map { ContinuousClock.now - $0 } ?? .zero
            let retry = policy.failed(with: ending, after: lifetime, using: &generator)
            if shared.withLock({ $0.isClosing }) { break }
            let until = ContinuousClock.now + retry.wait
            set(.waiting(until: until, error: ending, needsAttention: retry.needsAttention))
            guard wait(until: until, confirms: confirms) else { break }
        }
        end(confirms: confirms)
    }

    private func completeSetup() -> AMQPSetup {
        var setup = setup()
        shared.withLock { shared in
            setup.topology.formUnion(shared.added)
            setup.topology.bindings.removeAll { shared.removed.contains($0) }
        }
        return setup
    }

    /// Answers for the connection that is not there.
    ///
    /// - Returns: false if the session was closed.
    private func wait(until: ContinuousClock.Instant, confirms: Bool) -> Bool {
        while true {
            var retries = false
            for command in mailbox.take() {
                switch command {
                case .close: return false
                case .retry: retries = true
                default: refuse(command, confirms: confirms)
                }
            }
            let left = until - ContinuousClock.now
            if retries || left <= .zero { return true }
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
            _ = mailbox.wait(milliseconds: Int32(clamping: milliseconds))
        }
    }

    private func refuse(_ command: Command, confirms: Bool) {
        switch command {
        case .publish(let publications):
            publications.forEach(mailbox.left)
            if confirms { handler.settled(publications.map { AMQPSettlement($0.token, .lost) }, by: self) }
        case .discard(let publications):
            if confirms { handler.settled(publications.map { AMQPSettlement($0.token, .lost) }, by: self) }
        case .call(let call):
            call.completion(.failure(AMQPError(.unreachable, "there is no connection now")))
        case .acknowledge, .reject, .retry, .close:
            break
        }
    }

    private func end(confirms: Bool) {
        for command in mailbox.take() { refuse(command, confirms: confirms) }
        set(.closed)
        let closers = shared.withLock { shared in
            shared.isClosed = true
            defer { shared.closers = [] }
            return shared.closers
        }
        for closer in closers { closer.resume() }
    }

    fileprivate func set(_ state: AMQPState) {
        shared.withLock { $0.state = state }
        handler.changed(to: state, of: self)
    }
}

/// Passes on to the handler what one connection of a session says.
private final class SessionHost: EngineHost {
    private let session: AMQPSession
    private let handler: any AMQPHandler
    private(set) var openedAt: ContinuousClock.Instant?

    init(_ session: AMQPSession, handler: any AMQPHandler) {
        self.session = session
        self.handler = handler
    }

    func opened() {
        openedAt = .now
        session.set(.open)
    }

    func delivered(_ batch: [AMQPDelivery]) { handler.delivered(batch, by: session) }
    func settled(_ settlements: [AMQPSettlement]) { handler.settled(settlements, by: session) }
    func blocked(_ reason: String?) { session.set(reason.map { .blocked(reason: $0) } ?? .open) }

    func cancelled(_ consumer: String) -> AMQPError? {
        AMQPError(
            .closed, "the broker ended consumer '\(consumer)': its queue was deleted, or moves; it is set up again")
    }
}
