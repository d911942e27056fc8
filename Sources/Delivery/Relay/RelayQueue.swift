import EventSchema

/// What a relay sends next: the decisions, as a value. The rows stay in the person's archive; this knows how far each
/// shared source has come there, how far the team has it, and what is under way.
///
/// Consent is kept here: a source whose session is not shared is never known, so nothing can ask for it.
public struct RelayQueue: Sendable {
    /// What may be under way without a confirmation.
    public struct Window: Sendable, Equatable {
        public var messages: Int
        public var bytes: Int

        public init(messages: Int = 1000, bytes: Int = 4 << 20) {
            self.messages = messages
            self.bytes = bytes
        }
    }

    /// Rows of a source to read and send.
    public struct Order: Sendable, Equatable {
        public var source: SourceID
        public var session: SessionID
        public var kind: SourceKind
        /// What is not sent, and declared instead.
        public var withheld: ClosedRange<UInt64>?
        public var why = Withheld.notShared
        /// The rows behind this batch.
        public var after: UInt64
        /// No block may hold a batch up to this one.
        public var floor: UInt64
        public var messages: Int
        public var bytes: Int
    }

    /// Why batches are not sent.
    public enum Withheld: String, Sendable {
        /// They were recorded before the session was shared.
        case notShared = "not shared"
        /// No broker could take them.
        case unsendable = "cannot be sent"
    }

    struct Source: Sendable {
        var session: SessionID
        var kind: SourceKind
        var floor: UInt64 = 0
        /// Batches that can never be sent.
        var unsendable: [ClosedRange<UInt64>] = []
        /// In the person's archive.
        var head: UInt64
        /// In the team's archive, as far as it said.
        var watermark: UInt64 = 0
        /// The last one sent on this connection, or known to the team.
        var sent: UInt64 = 0
        /// When the team's archive last said anything new of it.
        var movedAt: ContinuousClock.Instant
        var patience = RelayQueue.firstPatience
    }

    struct Flight: Sendable {
        var source: SourceID
        var seqs: ClosedRange<UInt64>
        var bytes: Int
    }

    /// Rows above the watermark without a word from the team's archive for so long are asked after; longer each time.
    static let firstPatience = Duration.seconds(30)
    static let mostPatience = Duration.seconds(600)
    /// How long a connection waits for the archive's heads before it sends on what it knows.
    static let answerPatience = Duration.seconds(5)
    static let nackPause = (first: Duration.milliseconds(100), most: Duration.seconds(5))
    static let unroutablePause = (first: Duration.seconds(2), most: Duration.seconds(60))

    public let window: Window
    var shared: [SessionID: [SourceID: UInt64]] = [:]
    var sources: [SourceID: Source] = [:]
    var ready: [SourceID] = []
    var isReady: Set<SourceID> = []
    var flights: [UInt64: Flight] = [:]
    var bytesInFlight = 0
    private var nextNumber: UInt64 = 1
    public private(set) var archive: Identifier?
    var phase = Phase.disconnected
    var pausedUntil: ContinuousClock.Instant?
    var pause: Duration?
    var isBlocked = false
    public private(set) var unroutable = false
    /// The archive's queue takes nothing more.
    public private(set) var isFull = false

    enum Phase: Sendable, Equatable {
        case disconnected
        /// Until then the archive may say how far it is.
        case asking(until: ContinuousClock.Instant)
        case sending
    }

    public init(window: Window = Window()) { self.window = window }

    // MARK: What is shared

    /// A session is shared from now on; of each source named in `floors` only what comes after that batch.
    public mutating func share(_ session: SessionID, from floors: [SourceID: UInt64] = [:]) {
        if shared[session] == nil { shared[session] = floors }
    }

    /// Nothing more of the session is sent, at once.
    public mutating func unshare(_ session: SessionID) {
        shared[session] = nil
        for (id, source) in sources where source.session == session { sources[id] = nil }
    }

    /// Up to this batch nothing of the source is shared; 0: all is.
    func floor(of source: SourceID) -> UInt64 { sources[source]?.floor ?? 0 }

    public func isShared(_ session: SessionID) -> Bool { shared[session] != nil }

    /// The person's archive has a source up to `head`. Of no effect for a session that is not shared.
    public mutating func grew(
        _ id: SourceID, of session: SessionID, kind: SourceKind, to head: UInt64, now: ContinuousClock.Instant
    ) {
        guard let floors = shared[session] else { return }
        if var source = sources[id] {
            guard source.session == session, head > source.head else { return }
            if source.watermark >= source.head { source.movedAt = now }
            source.head = head
            if source.kind == .unspecified { source.kind = kind }
            sources[id] = source
        } else {
            sources[id] = Source(session: session, kind: kind, floor: floors[id] ?? 0, head: head, movedAt: now)
        }
        enqueue(id)
    }

    // MARK: The connection

    /// A new connection, which knows nothing: everything above the watermark will be sent again.
    public mutating func connected(now: ContinuousClock.Instant) {
        phase = .asking(until: now + Self.answerPatience)
        (flights, bytesInFlight, pausedUntil, pause, isBlocked) = ([:], 0, nil, nil, false)
        (unroutable, isFull) = (false, false)
        for id in sources.keys { rewind(id, to: sources[id]?.watermark ?? 0) }
    }

    public mutating func disconnected() {
        phase = .disconnected
        (flights, bytesInFlight, isBlocked) = ([:], 0, false)
    }

    /// The broker takes nothing now (`connection.blocked`), or takes again.
    public mutating func blocked(_ isBlocked: Bool) { self.isBlocked = isBlocked }

    // MARK: Sending

    /// What to read and send now; nil if nothing may be sent, or there is nothing.
    public mutating func next(now: ContinuousClock.Instant) -> Order? {
        switch phase {
        case .disconnected: return nil
        case .asking(let until):
            guard now >= until else { return nil }
            phase = .sending
        case .sending: break
        }
        // One message finds out whether the broker takes them again.
        let most = isFull || unroutable ? 1 : window.messages
        guard !isBlocked, flights.count < most, bytesInFlight < window.bytes else { return nil }
        if let pausedUntil {
            guard now >= pausedUntil else { return nil }
            self.pausedUntil = nil
        }
        while let id = ready.first {
            ready.removeFirst()
            isReady.remove(id)
            guard let source = sources[id], source.sent < source.head else { continue }
            var order = Order(
                source: id, session: source.session, kind: source.kind, after: source.sent, floor: source.floor,
                messages: most - flights.count, bytes: window.bytes - bytesInFlight)
            if source.sent < source.floor {
                order.withheld = (source.sent + 1)...source.floor
                order.after = source.floor
            } else if let range = source.unsendable.first(where: { $0.contains(source.sent + 1) }) {
                order.withheld = (source.sent + 1)...range.upperBound
                order.why = .unsendable
                order.after = range.upperBound
            }
            return order
        }
        return nil
    }

    /// A message with these batches has been given to the connection.
    ///
    /// - Returns: the number under which its confirmation is told.
    public mutating func sent(_ id: SourceID, _ seqs: ClosedRange<UInt64>, bytes: Int) -> UInt64 {
        let number = nextNumber
        nextNumber += 1
        flights[number] = Flight(source: id, seqs: seqs, bytes: bytes)
        bytesInFlight += bytes
        if let source = sources[id] { sources[id]?.sent = max(source.sent, seqs.upperBound) }
        return number
    }

    /// An order has been carried out, or what it asked for is not there: the source queues up again if it has more.
    public mutating func done(with order: Order) { enqueue(order.source) }

    /// The broker has it. This opens the window and means nothing else: it is archived when the watermark says so.
    public mutating func confirmed(_ number: UInt64) {
        guard land(number) != nil else { return }
        (pause, unroutable, isFull) = (nil, false, false)
    }

    /// The archive's queue is full; it and all behind it of its source go again after a pause.
    public mutating func refused(_ number: UInt64, now: ContinuousClock.Instant) {
        guard flights[number] != nil else { return }
        isFull = true
        resend(number, Self.nackPause, now)
    }

    /// Nobody knows whether the broker has it; it goes again after a pause.
    public mutating func lost(_ number: UInt64, now: ContinuousClock.Instant) {
        resend(number, Self.nackPause, now)
    }

    /// No broker will ever take it: its batches are declared instead, so that those behind them count.
    public mutating func impossible(_ number: UInt64) {
        guard let flight = land(number), let source = sources[flight.source] else { return }
        if !source.unsendable.contains(flight.seqs) { sources[flight.source]?.unsendable.append(flight.seqs) }
        if source.sent >= flight.seqs.lowerBound {
            rewind(flight.source, to: max(flight.seqs.lowerBound - 1, source.watermark))
        }
    }

    /// No queue takes it: the archive's queue is not there.
    public mutating func returned(_ number: UInt64, now: ContinuousClock.Instant) {
        guard flights[number] != nil else { return }
        unroutable = true
        resend(number, Self.unroutablePause, now)
    }

    private mutating func resend(
        _ number: UInt64, _ range: (first: Duration, most: Duration), _ now: ContinuousClock.Instant
    ) {
        guard let flight = land(number) else { return }
        if let source = sources[flight.source], source.sent >= flight.seqs.lowerBound {
            rewind(flight.source, to: max(flight.seqs.lowerBound - 1, source.watermark))
        }
        // One pause for a whole window of refusals.
        guard pausedUntil == nil else { return }
        let length = min(pause.map { $0 * 2 } ?? range.first, range.most)
        pause = length
        pausedUntil = now + length
    }

    private mutating func land(_ number: UInt64) -> Flight? {
        guard let flight = flights.removeValue(forKey: number) else { return nil }
        bytesInFlight -= flight.bytes
        return flight
    }

    // MARK: What the team's archive says

    /// The archive has a source up to `seq`, which may be less than it said before.
    ///
    /// - Returns: whether the heads of all sources are to be asked for, because it is another archive than before.
    public mutating func watermark(
        _ id: SourceID, _ seq: UInt64, archive: Identifier, now: ContinuousClock.Instant
    ) -> Bool {
        if self.archive != archive {
            let isFirst = self.archive == nil
            self.archive = archive
            if !isFirst { return true }
        }
        guard var source = sources[id] else { return false }
        if seq < source.watermark {
            source.watermark = seq
            source.movedAt = now
            sources[id] = source
            rewind(id, to: seq)
        } else if seq > source.watermark {
            source.watermark = seq
            source.sent = max(source.sent, min(seq, source.head))
            (source.movedAt, source.patience) = (now, Self.firstPatience)
            sources[id] = source
        }
        return false
    }

    /// The archive's answer about all sources. It is sent on from there, also what is confirmed.
    ///
    /// - Parameter isBusy: it is still storing what the broker holds for it; nothing is sent twice because of it.
    public mutating func heads(
        _ heads: [SourceID: UInt64], archive: Identifier, isBusy: Bool, now: ContinuousClock.Instant
    ) {
        let isFirst = if case .asking = phase { true } else { false }
        self.archive = archive
        // An archiver is there: so is its queue.
        if unroutable { pausedUntil = nil }
        for (id, seq) in heads {
            guard var source = sources[id] else { continue }
            let isStuck = seq <= source.watermark && now - source.movedAt >= source.patience
            let wentBack = seq < source.watermark
            if seq > source.watermark { (source.movedAt, source.patience) = (now, Self.firstPatience) }
            source.watermark = seq
            sources[id] = source
            if isFirst || wentBack {
                sources[id]?.movedAt = now
                rewind(id, to: seq)
            } else if isStuck {
                sources[id]?.movedAt = now
                sources[id]?.patience = min(source.patience * 2, Self.mostPatience)
                if !isBusy { rewind(id, to: seq) }
            } else {
                sources[id]?.sent = max(source.sent, min(seq, source.head))
            }
        }
        if isFirst { phase = .sending }
    }

    /// Sources above the watermark of which the archive has said nothing for long: it is to be asked.
    public func overdue(now: ContinuousClock.Instant) -> [SourceID] {
        guard phase == .sending else { return [] }
        return sources.compactMap { id, source in
            source.watermark < source.head && now - source.movedAt >= source.patience ? id : nil
        }
    }

    // MARK: -

    mutating func rewind(_ id: SourceID, to seq: UInt64) {
        sources[id]?.sent = seq
        enqueue(id)
    }

    private mutating func enqueue(_ id: SourceID) {
        guard let source = sources[id], source.sent < source.head, isReady.insert(id).inserted else { return }
        ready.append(id)
    }
}
