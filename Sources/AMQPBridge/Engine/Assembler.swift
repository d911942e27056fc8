/// Makes messages of frames: method, header, body until its size is reached. A value; every byte it sees is a peer's.
///
/// Channel 0 may speak in between; on the one channel a message is never interrupted (AMQP 0-9-1, section 4.2.6).
struct Assembler: Sendable {
    enum Event: Sendable {
        case delivery(AMQPDelivery)
        /// No queue took this message of ours.
        case returned(AMQPMessage, code: UInt16, text: String)
        case method(BrokerMethod)
    }

    private enum State {
        case idle
        case header(Start)
        case body(Start, Boxed<AMQPProperties>, size: UInt64, missing: UInt64, AMQPDelivery.Omission)
    }

    private enum Start {
        case delivery(consumer: String, number: UInt64, redelivered: Bool, exchange: String, routingKey: String)
        case returned(code: UInt16, text: String, exchange: String, routingKey: String)
    }

    let epoch: UInt64
    /// Bytes; a larger body is counted, not kept.
    let maximumBody: Int
    private var state = State.idle
    private var bytes: [UInt8] = []

    init(epoch: UInt64, maximumBody: Int) {
        self.epoch = epoch
        self.maximumBody = maximumBody
    }

    /// Whether the bytes of the next body frame are of use.
    var wantsBody: Bool {
        if case .body(_, _, _, _, let omitted) = state { !omitted.contains(.body) } else { true }
    }

    /// Takes the next frame.
    ///
    /// - Returns: what is complete with it, if anything.
    /// - Throws: `AMQPError(.violation)`; the connection is of no use then.
    mutating func take(_ frame: Frame) throws(AMQPError) -> Event? {
        guard frame.channel <= 1 else { throw violation("a frame on channel \(frame.channel), which is not open") }
        switch frame.payload {
        case .method(let method):
            if frame.channel == 0 { return .method(method) }
            guard case .idle = state else { throw violation("a method inside a message") }
            return begin(method)
        case .header(let size, let properties, let omitsHeaders):
            guard case .header(let start) = state, frame.channel == 1, let properties else {
                throw violation("a content header without its method")
            }
            return try header(start, size, properties, omitsHeaders)
        case .body(let more, let count):
            guard case .body(let start, let properties, let size, let missing, let omitted) = state, frame.channel == 1
            else { throw violation("a content body without its header") }
            guard count > 0, UInt64(count) <= missing else {
                throw violation("a content body of another size than announced")
            }
            if !omitted.contains(.body) {
                if bytes.isEmpty { bytes = more } else { bytes += more }
            }
            let left = missing - UInt64(count)
            guard left == 0 else {
                state = .body(start, properties, size: size, missing: left, omitted)
                return nil
            }
            return finish(start, properties, size, omitted)
        case .other(let type):
            throw violation("a frame of the unknown type \(type)")
        }
    }

    private mutating func begin(_ method: BrokerMethod) -> Event? {
        switch method {
        case .deliver(let consumer, let number, let redelivered, let exchange, let routingKey):
            state = .header(
                .delivery(
                    consumer: consumer, number: number, redelivered: redelivered, exchange: exchange,
                    routingKey: routingKey))
            return nil
        case .returned(let code, let text, let exchange, let routingKey):
            state = .header(.returned(code: code, text: text, exchange: exchange, routingKey: routingKey))
            return nil
        default:
            return .method(method)
        }
    }

    private mutating func header(
        _ start: Start, _ size: UInt64, _ properties: Boxed<AMQPProperties>, _ omitsHeaders: Bool
    ) throws(AMQPError) -> Event? {
        var omitted: AMQPDelivery.Omission = omitsHeaders ? .headers : []
        if size > UInt64(max(maximumBody, 0)) { omitted.insert(.body) }
        guard size > 0 else { return finish(start, properties, size, omitted) }
        state = .body(start, properties, size: size, missing: size, omitted)
        return nil
    }

    private mutating func finish(
        _ start: Start, _ properties: Boxed<AMQPProperties>, _ size: UInt64, _ omitted: AMQPDelivery.Omission
    ) -> Event {
        let body = bytes
        bytes = []
        state = .idle
        switch start {
        case .delivery(let consumer, let number, let redelivered, let exchange, let routingKey):
            let message = AMQPMessage(exchange: exchange, routingKey: routingKey, properties: properties, body: body)
            return .delivery(
                AMQPDelivery(
                    message: message, tag: AMQPDeliveryTag(epoch: epoch, number: number), consumer: consumer,
                    redelivered: redelivered, bodySize: size, omitted: omitted))
        case .returned(let code, let text, let exchange, let routingKey):
            let message = AMQPMessage(exchange: exchange, routingKey: routingKey, properties: properties, body: body)
            return .returned(message, code: code, text: text)
        }
    }

    private func violation(_ what: String) -> AMQPError { AMQPError(.violation, "the broker sent \(what)") }
}
