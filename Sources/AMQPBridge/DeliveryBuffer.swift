/// Deliveries between a connection's thread and one task; bounded.
final class DeliveryBuffer: Sendable {
    private struct State {
        var deliveries = Fifo<AMQPDelivery>()
        var count = 0
        var end: Result<AMQPDelivery?, AMQPError>?
        var reader: CheckedContinuation<Result<AMQPDelivery?, AMQPError>, Never>?
    }

    /// With acknowledgements the broker keeps to the prefetch; without, a slow reader must not fill the memory.
    let limit: Int
    private let state = Guarded(State())

    init(limit: Int) { self.limit = limit }

    /// - Returns: false if there is no room: the reader is too slow.
    func put(_ delivery: AMQPDelivery) -> Bool {
        let (reader, fits): (CheckedContinuation<Result<AMQPDelivery?, AMQPError>, Never>?, Bool) = state.withLock {
            state in
            guard state.end == nil else { return (nil, true) }
            if let reader = state.reader {
                state.reader = nil
                return (reader, true)
            }
            guard state.count < limit else { return (nil, false) }
            state.count += 1
            state.deliveries.append(delivery)
            return (nil, true)
        }
        reader?.resume(returning: .success(delivery))
        return fits
    }

    /// No more will come; what is here can still be read.
    func finish(_ error: AMQPError? = nil) {
        let (reader, end) = state.withLock { state in
            let end = state.end ?? (error.map { .failure($0) } ?? .success(nil))
            state.end = end
            defer { state.reader = nil }
            return (state.reader, end)
        }
        reader?.resume(returning: end)
    }

    func next() async -> Result<AMQPDelivery?, AMQPError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: Result<AMQPDelivery?, AMQPError>? = state.withLock { state in
                    if let delivery = state.deliveries.removeFirst() {
                        state.count -= 1
                        return .success(delivery)
                    }
                    if let end = state.end { return end }
                    // A second reader, against the rule, or a task that is cancelled already: its sequence ends.
                    if state.reader != nil || Task.isCancelled { return .success(nil) }
                    state.reader = continuation
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            let reader = state.withLock { state in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(returning: .success(nil))
        }
    }
}

/// The deliveries of one consumer, in order. For one task; ends when the consumer is cancelled or the connection
/// closed, throws when the connection fails.
public struct AMQPDeliveries: AsyncSequence, Sendable {
    let buffer: DeliveryBuffer

    public struct Iterator: AsyncIteratorProtocol {
        let buffer: DeliveryBuffer

        public mutating func next() async throws -> AMQPDelivery? { try await buffer.next().get() }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(buffer: buffer) }
}
