import AMQPBridge
import Archive
import EventSchema

/// What an archiver gathers between two commits: the decisions, as a value. One commit, then one acknowledgement for
/// all of it.
public struct IntakeBatch: Sendable {
    /// A commit holds at most so much.
    public struct Limits: Sendable, Equatable {
        public var messages: Int
        public var bytes: Int

        public init(messages: Int = 1000, bytes: Int = 4 << 20) {
            self.messages = messages
            self.bytes = bytes
        }
    }

    /// What is to be stored, and the delivery up to which it may be acknowledged afterwards.
    public struct Commit: Sendable {
        public var arrivals: [Arrival]
        public var acknowledging: UInt64
    }

    /// A message that came back so often may be what kills whoever reads it.
    public static let suspectDeliveries: Int64 = 3

    public let limits: Limits
    private var arrivals: [Arrival] = []
    private var bytes = 0
    private var newest: UInt64 = 0

    public init(limits: Limits = Limits()) { self.limits = limits }

    public var isEmpty: Bool { arrivals.isEmpty }
    /// Whether it is to be committed before anything more is taken.
    public var isFull: Bool { arrivals.count >= limits.messages || bytes >= limits.bytes }

    /// Whether a delivery must be handled alone, after a note of it has been made: it came back too often.
    public static func isSuspect(_ received: AMQPMessage) -> Bool {
        guard let count = received.properties.headers["x-delivery-count"]?.int else { return false }
        return count >= suspectDeliveries
    }

    /// Takes one delivery.
    ///
    /// - Parameter tag: of its channel; deliveries come in order.
    public mutating func take(_ result: Result<WireMessage, MessageRefusal>, _ body: [UInt8], tag: UInt64) {
        switch result {
        case .success(let message): arrivals.append(message.arrival)
        case .failure(let refusal): arrivals.append(.refused(body, reason: refusal.description))
        }
        bytes += body.count
        newest = max(newest, tag)
    }

    /// What has gathered; the next delivery begins anew. Nil if there is nothing.
    public mutating func commit() -> Commit? {
        guard !arrivals.isEmpty else { return nil }
        defer { (arrivals, bytes) = ([], 0) }
        return Commit(arrivals: arrivals, acknowledging: newest)
    }

    /// The connection is gone, and with it the right to acknowledge: everything will come again.
    public mutating func reset() { (arrivals, bytes, newest) = ([], 0, 0) }
}

extension WireMessage {
    /// The message as an archive takes it.
    public var arrival: Arrival {
        switch content {
        case .batch(let batch): .batch(batch, kind: kind, user: user)
        case .block(let stored, let block): .block(stored, block, kind: kind, user: user)
        case .lost(let range, _): .lost(range, kind: kind, user: user)
        }
    }
}
