/// One frame from the broker, copied out of the library.
struct Frame: Sendable {
    enum Payload: Sendable {
        case method(BrokerMethod)
        /// `properties` nil: of a class that is not basic.
        case header(bodySize: UInt64, properties: Boxed<AMQPProperties>?, omitsHeaders: Bool)
        /// `bytes` is empty where the assembler wants none; `count` is what was there.
        case body(bytes: [UInt8], count: Int)
        case other(type: Int)
    }

    var channel: UInt16
    var payload: Payload
}

/// What a broker says by a method frame.
enum BrokerMethod: Equatable, Sendable {
    case deliver(consumer: String, number: UInt64, redelivered: Bool, exchange: String, routingKey: String)
    case returned(code: UInt16, text: String, exchange: String, routingKey: String)
    case acknowledged(UInt64, multiple: Bool)
    case refused(UInt64, multiple: Bool)
    case cancelled(consumer: String)
    case flow(active: Bool)
    /// `by`: the method of ours that it is about; 0 if none.
    case channelClosed(code: UInt16, text: String, by: UInt32)
    case connectionClosed(code: UInt16, text: String, by: UInt32)
    case connectionCloseOK
    case blocked(reason: String)
    case unblocked
    case answer(Answer)
    /// Never asked for, or never sent by a broker; its number is class × 65,536 + method.
    case other(UInt32)
}

/// The answer to a request.
struct Answer: Equatable, Sendable {
    enum Kind: Sendable {
        case channelOpen, confirmSelect, exchangeDeclare, exchangeDelete, exchangeBind, exchangeUnbind
        case queueDeclare, queueBind, queueUnbind, queueDelete, queuePurge, qos, consume, cancel
    }

    var kind: Kind
    /// Of the queue or consumer, where the kind has one.
    var name = ""
    var messages: UInt64 = 0
    var consumers: UInt32 = 0
}
