import EventSchema
import SwiftProtobuf

/// What one source has recorded and the agent has not yet accepted: numbers events into batches, keeps them, offers
/// them again. A value without clock or socket; its owner carries out the actions.
public struct Outbox: Sendable {
    public enum Action: Sendable, Equatable {
        case send(CheckedBatch)
    }

    /// The most that is kept for an agent that does not answer; beyond it events are dropped and counted.
    public static let keepBytes = 4 << 20
    /// A batch gathers up to this much while the one before it is under way.
    public static let gatherBytes = 64 * 1024

    public let source: SourceID
    public let session: SessionID
    /// Sent or ready to send, oldest first.
    public private(set) var unaccepted: [CheckedBatch] = []
    /// How many events were dropped for want of room, in all.
    public private(set) var droppedEvents = 0

    private var gathering: [(time: RecordTime, event: Event)] = []
    private var gatheringBytes = 0
    private var unacceptedBytes = 0
    private var nextSeq: UInt64 = 1
    private var lastHash: ContentHash?
    private var lastTime = RecordTime.distantPast
    /// Whether it sends what it has; not before the agent has said how far it is.
    public private(set) var isConnected = false
    private var sentThrough: UInt64 = 0
    private var gapBytes = 0

    public init(source: SourceID, session: SessionID) {
        self.source = source
        self.session = session
    }

    /// Nothing is left to hand over.
    public var isEmpty: Bool { unaccepted.isEmpty && gathering.isEmpty }

    /// Bytes that wait.
    public var waitingBytes: Int { unacceptedBytes + gatheringBytes }

    /// Takes an event. Its time is held at the newest one so far, so that times never go back inside a source.
    public mutating func record(_ event: Event, at time: RecordTime) -> [Action] {
        lastTime = max(lastTime, time)
        let size = Self.size(of: event)
        guard waitingBytes + size <= Self.keepBytes else {
            droppedEvents += 1
            gapBytes += size
            return []
        }
        if gapBytes > 0 {
            var gap = Gap()
            gap.reason = .dropped
            gap.bytes = UInt64(gapBytes)
            gapBytes = 0
            gather(Event(.gap(gap)), size: 16)
        }
        if gatheringBytes + size > Self.gatherBytes { close() }
        gather(event, size: size)
        return flush()
    }

    /// The agent has committed everything up to `seq`.
    public mutating func accepted(through seq: UInt64) -> [Action] {
        while let first = unaccepted.first, first.seq <= seq {
            unacceptedBytes -= first.encoded.count
            unaccepted.removeFirst()
        }
        return flush()
    }

    /// A connection stands, and the agent says how far it is. What it lacks is offered again.
    public mutating func connected(head: UInt64) -> [Action] {
        isConnected = true
        sentThrough = head
        return accepted(through: head)
    }

    public mutating func disconnected() { isConnected = false }

    /// Everything that waits, closed into batches, for an owner that must end without an agent.
    public mutating func drain() -> [CheckedBatch] {
        close()
        return unaccepted
    }

    /// Sends what is closed; closes what gathers if nothing is under way.
    private mutating func flush() -> [Action] {
        guard isConnected else { return [] }
        if unaccepted.isEmpty { close() }
        let actions = unaccepted.drop { $0.seq <= sentThrough }.map(Action.send)
        if let last = unaccepted.last { sentThrough = max(sentThrough, last.seq) }
        return actions
    }

    private mutating func gather(_ event: Event, size: Int) {
        gathering.append((lastTime, event))
        gatheringBytes += size
    }

    private mutating func close() {
        guard !gathering.isEmpty else { return }
        let batch = BatchCodec.encode(
            source: source, session: session, seq: nextSeq, previous: lastHash, events: gathering)
        nextSeq += 1
        lastHash = batch.hash
        unaccepted.append(batch)
        unacceptedBytes += batch.encoded.count
        gathering = []
        gatheringBytes = 0
    }

    /// The size an event has in a batch, near enough; the two large kinds without encoding them.
    private static func size(of event: Event) -> Int {
        switch event.body {
        case .terminalOutput(let output): output.data.count + 24
        case .piece(let piece): piece.data.count + 64
        case .edit(let edit): edit.inserted.count + 32
        default: ((try? event.serializedBytes() as [UInt8])?.count ?? 0) + 8
        }
    }
}
