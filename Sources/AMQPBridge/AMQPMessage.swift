/// A message: where it goes or came from, its properties and its bytes.
public struct AMQPMessage: Hashable, Sendable {
    /// At most 255 bytes; "" is the default exchange, whose routing keys are queue names.
    public var exchange: String
    /// At most 255 bytes.
    public var routingKey: String
    public var body: [UInt8]
    /// One reference, so that a message is moved and copied cheaply on its way.
    private var box: Boxed<AMQPProperties>

    public var properties: AMQPProperties {
        _read { yield box.value }
        _modify {
            if !isKnownUniquelyReferenced(&box) { box = Boxed(box.value) }
            yield &box.value
        }
    }

    public init(
        exchange: String, routingKey: String, properties: AMQPProperties = AMQPProperties(), body: [UInt8] = []
    ) {
        self.init(exchange: exchange, routingKey: routingKey, properties: Boxed(properties), body: body)
    }

    init(exchange: String, routingKey: String, properties: Boxed<AMQPProperties>, body: [UInt8]) {
        self.exchange = exchange
        self.routingKey = routingKey
        box = properties
        self.body = body
    }
}

/// The properties of AMQP 0-9-1, class basic, without the abandoned cluster-id; nil is "not given". Each text holds at
/// most 255 bytes.
public struct AMQPProperties: Hashable, Sendable {
    public var contentType: String?
    public var contentEncoding: String?
    public var headers: AMQPTable
    /// 2 is persistent, 1 transient; another number is passed on as it is.
    public var deliveryMode: UInt8?
    public var priority: UInt8?
    public var correlationID: String?
    public var replyTo: String?
    /// Milliseconds, as text.
    public var expiration: String?
    public var messageID: String?
    /// Whole seconds since 1970.
    public var timestamp: UInt64?
    public var type: String?
    /// The broker refuses a message whose user is not the one who is logged in: a receiver may trust it.
    public var userID: String?
    public var appID: String?

    /// Whether the broker stores the message.
    public var isPersistent: Bool { deliveryMode == 2 }

    public init(
        contentType: String? = nil, contentEncoding: String? = nil, headers: AMQPTable = [:], persistent: Bool = false,
        priority: UInt8? = nil, correlationID: String? = nil, replyTo: String? = nil, expiration: String? = nil,
        messageID: String? = nil, timestamp: UInt64? = nil, type: String? = nil, userID: String? = nil,
        appID: String? = nil
    ) {
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.headers = headers
        deliveryMode = persistent ? 2 : nil
        self.priority = priority
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.expiration = expiration
        self.messageID = messageID
        self.timestamp = timestamp
        self.type = type
        self.userID = userID
        self.appID = appID
    }
}
