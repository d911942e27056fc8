/// Which published messages the broker has not yet answered for, on one channel in confirm mode.
///
/// Nothing in the protocol numbers a publish: both sides count from 1 per channel. A confirm may come out of order, name
/// one message or all up to it (`multiple`). A message that no queue took is returned first, and confirmed all the same.
public struct ConfirmTracker<Message: Equatable & Sendable>: Sendable {
    /// What became of a message.
    public enum Outcome: Equatable, Sendable {
        /// The broker has it.
        case confirmed(Message)
        /// The broker took it, but no queue did: publishing it again helps only after somebody binds one.
        case unroutable(Message)
        /// The broker could not take it: publish it again.
        case refused(Message)
    }

    private enum State { case waiting, returned, answered }
    private struct Slot {
        var message: Message
        var state: State
    }

    /// How many messages may be unanswered at once.
    public let window: Int
    /// How many are.
    public private(set) var inFlight = 0

    /// Slots from the oldest unanswered message on (and, before `start`, some that wait to be dropped).
    private var slots: [Slot] = []
    private var start = 0
    /// The tag of `slots[start]`.
    private var firstTag: UInt64 = 1

    /// - Parameter window: at least 1.
    public init(window: Int) { self.window = max(window, 1) }

    public var hasRoom: Bool { inFlight < window }

    /// Notes that `message` was just published; gives the tag the broker will answer with.
    @discardableResult
    public mutating func published(_ message: Message) -> UInt64 {
        slots.append(Slot(message: message, state: .waiting))
        inFlight += 1
        return lastTag
    }

    /// `basic.return`: no queue took `message`; its confirm is still to come.
    ///
    /// - Throws: `AMQPError(.violation)` if no such message is unanswered.
    public mutating func returned(_ message: Message) throws(AMQPError) {
        try returned(where: { $0 == message })
    }

    /// `basic.return` of the oldest unanswered message that `matches`.
    public mutating func returned(where matches: (Message) -> Bool) throws(AMQPError) {
        guard let index = slots[start...].firstIndex(where: { $0.state == .waiting && matches($0.message) }) else {
            throw AMQPError(.violation, "the broker returned a message that is not in flight")
        }
        slots[index].state = .returned
    }

    /// `basic.ack`.
    ///
    /// - Returns: what became of the messages it answers for, oldest first.
    /// - Throws: `AMQPError(.violation)` if it names a message never published or already answered.
    public mutating func acknowledged(_ tag: UInt64, multiple: Bool = false) throws(AMQPError) -> [Outcome] {
        try settle(tag, multiple: multiple) { $0.state == .returned ? .unroutable($0.message) : .confirmed($0.message) }
    }

    /// `basic.nack`.
    ///
    /// - Returns: what became of the messages it answers for, oldest first.
    /// - Throws: `AMQPError(.violation)` if it names a message never published or already answered.
    public mutating func refused(_ tag: UInt64, multiple: Bool = false) throws(AMQPError) -> [Outcome] {
        try settle(tag, multiple: multiple) { .refused($0.message) }
    }

    /// The channel is gone: the messages it left unanswered, oldest first. The next channel counts from 1 again.
    public mutating func disconnected() -> [Message] {
        let left = slots[start...].filter { $0.state != .answered }.map(\.message)
        self = ConfirmTracker(window: window)
        return left
    }

    private var lastTag: UInt64 { firstTag &+ UInt64(slots.count - start) &- 1 }

    private mutating func settle(
        _ tag: UInt64, multiple: Bool, _ outcome: (Slot) -> Outcome
    ) throws(AMQPError) -> [Outcome] {
        // "If multiple, a tag of zero means all outstanding messages" (AMQP 0-9-1, basic.ack).
        let tag = multiple && tag == 0 ? lastTag : tag
        guard tag <= lastTag else {
            throw AMQPError(.violation, "the broker answered for message \(tag); only \(lastTag) were published")
        }
        var outcomes: [Outcome] = []
        if multiple {
            // All up to it may be answered already: then there is nothing to say.
            guard tag >= firstTag else { return [] }
            for index in start...start + Int(tag - firstTag) where slots[index].state != .answered {
                outcomes.append(outcome(slots[index]))
                slots[index].state = .answered
            }
        } else {
            guard tag >= firstTag, slots[start + Int(tag - firstTag)].state != .answered else {
                throw AMQPError(.violation, "the broker answered for message \(tag) twice")
            }
            let index = start + Int(tag - firstTag)
            outcomes.append(outcome(slots[index]))
            slots[index].state = .answered
        }
        inFlight -= outcomes.count
        dropAnswered()
        return outcomes
    }

    private mutating func dropAnswered() {
        while start < slots.count, slots[start].state == .answered {
            start += 1
            firstTag &+= 1
        }
        // Moving the rest down costs what was dropped: constant per message.
        if start > 64, start >= slots.count - start {
            slots.removeFirst(start)
            start = 0
        }
    }
}
