extension AMQPConnection {
    private static let replies = "replies"

    /// - Returns: the answer to `request`.
    @discardableResult
    func ask(_ request: Request) async throws(AMQPError) -> Answer {
        let result: Result<Answer, AMQPError> = await withCheckedContinuation { continuation in
            let ended = shared.withLock { shared in
                // Under the lock: what is posted before the end is answered by the end.
                if shared.ended == nil {
                    mailbox.post(.call(Call(request: request) { continuation.resume(returning: $0) }))
                }
                return shared.ended
            }
            if let ended { continuation.resume(returning: .failure(Self.error(of: ended))) }
        }
        return try result.get()
    }

    static func error(of ended: AMQPError?) -> AMQPError {
        ended ?? AMQPError(.closed, "the connection was closed")
    }

    /// A question must not be sent before the consumer for its answer is there.
    func consumeReplies() async throws(AMQPError) {
        let result: Result<Void, AMQPError> = await withCheckedContinuation { continuation in
            let (now, isFirst): (Result<Void, AMQPError>?, Bool) = shared.withLock { shared in
                if let ended = shared.ended { return (.failure(Self.error(of: ended)), false) }
                switch shared.replies {
                case .ready: return (.success(()), false)
                case .asked(let others):
                    shared.replies = .asked(others + [continuation])
                    return (nil, false)
                case .none:
                    shared.replies = .asked([continuation])
                    return (nil, true)
                }
            }
            if let now { continuation.resume(returning: now) }
            guard isFirst else { return }
            let consumer = AMQPConsumer(
                queue: AMQPConsumer.directReplyTo, tag: Self.replies, acknowledges: false, prefetch: 0)
            mailbox.post(
                .call(Call(request: .consume(consumer)) { [self] in repliesAnswered($0.map { _ in () }) }))
        }
        try result.get()
    }

    private func repliesAnswered(_ result: Result<Void, AMQPError>) {
        let waiting: [CheckedContinuation<Result<Void, AMQPError>, Never>] = shared.withLock { shared in
            guard case .asked(let waiting) = shared.replies else { return [] }
            shared.replies = .ready
            return waiting
        }
        for one in waiting { one.resume(returning: result) }
    }

    func answer(_ id: String, _ result: Result<AMQPMessage, AMQPError>) {
        shared.withLock { $0.requests.removeValue(forKey: id) }?.resume(returning: result)
    }

    func run() {
        let host = ConnectionHost(self)
        let engine = Engine(options, mailbox: mailbox, host: host)
        end(engine.run(AMQPSetup(confirmWindow: 1000)))
    }

    func end(_ error: AMQPError?) {
        let left = shared.withLock { shared in
            let left = shared
            shared = Shared()
            shared.ended = .some(error)
            return left
        }
        let reason = Self.error(of: error)
        for command in mailbox.take() {
            if case .call(let call) = command { call.completion(.failure(reason)) }
        }
        for waiting in left.publishing.values { waiting.resume(returning: .lost) }
        for request in left.requests.values { request.resume(returning: .failure(reason)) }
        if case .asked(let waiting) = left.replies { for one in waiting { one.resume(returning: .failure(reason)) } }
        for buffer in left.consumers.values { buffer.finish(error) }
        left.opening?.resume(returning: .failure(reason))
        event.yield(.closed(error))
        event.finish()
        for closer in left.closers { closer.resume() }
    }

    fileprivate func opened() {
        shared.withLock { shared in
            defer { shared.opening = nil }
            return shared.opening
        }?.resume(returning: .success(()))
    }

    fileprivate func delivered(_ batch: [AMQPDelivery]) {
        for delivery in batch {
            if delivery.consumer == Self.replies {
                answer(delivery.message.properties.correlationID ?? "", .success(delivery.message))
                continue
            }
            guard let buffer = shared.withLock({ $0.consumers[delivery.consumer] }), !buffer.put(delivery) else {
                continue
            }
            buffer.finish(
                AMQPError(
                    .tooLarge, "the reader of consumer '\(delivery.consumer)' fell \(buffer.limit) messages behind"))
            mailbox.post(.close(deadline: 0))
        }
    }

    fileprivate func settled(_ settlements: [AMQPSettlement]) {
        for settlement in settlements {
            shared.withLock { $0.publishing.removeValue(forKey: settlement.token) }?
                .resume(returning: settlement.result)
        }
    }

    fileprivate func cancelled(_ consumer: String) {
        event.yield(.cancelled(consumer: consumer))
        shared.withLock { $0.consumers.removeValue(forKey: consumer) }?
            .finish(AMQPError(.missing, "the broker ended consumer '\(consumer)': its queue was deleted, or moves"))
    }
}

/// Passes on to the connection what its thread hears.
private final class ConnectionHost: EngineHost {
    private let connection: AMQPConnection

    init(_ connection: AMQPConnection) { self.connection = connection }

    func opened() { connection.opened() }
    func delivered(_ batch: [AMQPDelivery]) { connection.delivered(batch) }
    func settled(_ settlements: [AMQPSettlement]) { connection.settled(settlements) }
    func blocked(_ reason: String?) { connection.event.yield(reason.map { .blocked(reason: $0) } ?? .unblocked) }

    func cancelled(_ consumer: String) -> AMQPError? {
        connection.cancelled(consumer)
        return nil
    }
}
