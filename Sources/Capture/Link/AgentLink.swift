import Dispatch
import EventSchema
import Foundation
import Synchronization

/// The recording side of the connection to the agent: keeps what is not accepted, reconnects, starts a new agent when
/// the old one died. Nothing here ever makes a recorder wait.
public final class AgentLink: Sendable {
    /// What the person should be told.
    public enum Notice: Sendable, Equatable {
        /// Nothing has been accepted for a while; what is recorded waits here.
        case stalled(waitingBytes: Int)
        /// The archive cannot take it now, for the reason given; what is recorded waits here and is offered again.
        case waiting(String)
        /// It is accepted again; so many events were dropped meanwhile for want of room.
        case recovered(droppedEvents: Int)
        /// The agent refuses; recording goes on, but is not kept.
        case refused(String)
    }

    /// After this long without an acceptance the person is told.
    public static let stallLimit = Duration.seconds(2)
    /// What could not be stored is offered again after this long.
    static let offerAgain = DispatchTimeInterval.milliseconds(500)

    private struct State {
        var outboxes: [SourceID: Outbox] = [:]
        /// Terminals: a person ends them on purpose, and with the last one the session.
        var holding: Set<SourceID> = []
        var socket: StreamSocket?
        var isFinished = false
        var isStalled = false
        /// The archive could not store something; it is offered again from time to time.
        var isWaiting = false
        var willOffer = false
        /// What the person was told last of a refusal.
        var refusal: String?
        var lastProgress = ContinuousClock.now
        var isPaused = false
        var whenPaused: (@Sendable (Bool) -> Void)?
        var whenShared: (@Sendable (SessionID) -> Void)?
    }

    private let address: AgentAddress
    private let startsAgent: Bool
    public let clock: RecordClock
    private let state = Mutex(State())
    private let sending = DispatchQueue(label: "playhead.link.send")
    private let notify: @Sendable (Notice) -> Void

    /// A link that connects in the background and goes on trying until `finish`.
    ///
    /// - Parameter startsAgent: whether a missing agent is started even before there is a source to keep.
    public init(
        _ address: AgentAddress, clock: RecordClock, startsAgent: Bool = true,
        notify: @escaping @Sendable (Notice) -> Void
    ) {
        self.address = address
        self.startsAgent = startsAgent
        self.clock = clock
        self.notify = notify
        let reading = Thread { [weak self] in
            // Quick after a connection that stood, slower and slower while there is none.
            var pause = 0.02
            while let link = self, link.readConnection(&pause) { Thread.sleep(forTimeInterval: pause) }
        }
        reading.name = "playhead.link.read"
        reading.start()
        watchProgress()
    }

    /// A new source of `session`; `opened` becomes its first event.
    public func source(in session: SessionID, opened: SourceOpened) -> LinkedSource {
        let now = clock.now
        let source = SourceID.make(at: now)
        state.withLock { state in
            state.outboxes[source] = Outbox(source: source, session: session)
            if opened.kind == .terminal { state.holding.insert(source) }
        }
        resume(source, in: session)
        record(Event(.sourceOpened(opened)), at: now, from: source)
        return LinkedSource(link: self, id: source, session: session)
    }

    func record(_ event: Event, at time: RecordTime, from source: SourceID) {
        perform { $0.outboxes[source]?.record(event, at: time) ?? [] }
    }

    /// Whether the person has asked that nothing be recorded.
    public var isPaused: Bool { state.withLock(\.isPaused) }

    /// Calls `handler` with every change of `isPaused`, and now if it is paused.
    public func whenPaused(_ handler: @escaping @Sendable (Bool) -> Void) {
        let isPaused = state.withLock { state in
            state.whenPaused = handler
            return state.isPaused
        }
        if isPaused { handler(true) }
    }

    /// Calls `handler` when a session is shared from now on: those who get it know nothing of what came before.
    public func whenShared(_ handler: @escaping @Sendable (SessionID) -> Void) {
        state.withLock { $0.whenShared = handler }
    }

    /// Takes what the agent says of a pause, in whatever answer.
    public func take(pauseOf answer: JSONValue) {
        guard let isPaused = answer["paused"]?.bool else { return }
        let handler = state.withLock { state in
            defer { state.isPaused = isPaused }
            return state.isPaused == isPaused ? nil : state.whenPaused
        }
        handler?(isPaused)
    }

    func droppedEvents(of source: SourceID) -> Int { state.withLock { $0.outboxes[source]?.droppedEvents ?? 0 } }

    /// Where the end of a source is.
    public enum End: Sendable {
        /// In the archive.
        case accepted
        /// In a file of the home; the next agent takes it.
        case leftForNextAgent
        /// Nowhere: neither the agent nor the disk took it.
        case lost
    }

    /// Closes a source and waits until the agent has all of it.
    ///
    /// What it has not within `patience` is put where the next agent finds it.
    public func close(_ source: SourceID, reason: String, patience: Duration) -> End {
        var closed = SourceClosed()
        closed.reason = reason
        record(Event(.sourceClosed(closed)), at: clock.now, from: source)
        // An agent that has not answered for a while will hardly do so now.
        let deadline = ContinuousClock.now + (state.withLock(\.isStalled) ? min(patience, .seconds(1)) : patience)
        while ContinuousClock.now < deadline {
            if state.withLock({ $0.outboxes[source]?.isEmpty ?? true }) {
                state.withLock { $0.outboxes[source] = nil }
                return .accepted
            }
            Thread.sleep(forTimeInterval: 0.002)
        }
        let rest = state.withLock { state in
            let rest = state.outboxes[source]?.drain() ?? []
            state.outboxes[source] = nil
            return rest
        }
        if rest.isEmpty { return .accepted }
        return UnsentBatches.keep(rest, in: URL(fileURLWithPath: address.home)) ? .leftForNextAgent : .lost
    }

    /// Ends the connection; sources still open are kept as they are, as after a crash.
    public func finish() {
        let socket = state.withLock { state in
            state.isFinished = true
            return state.socket.take()
        }
        socket?.shutdown()
    }

    // MARK: - connection

    /// Connects and reads until the connection ends; false when the link is finished.
    private func readConnection(_ pause: inout TimeInterval) -> Bool {
        if state.withLock({ $0.isFinished }) { return false }
        let starts = startsAgent || state.withLock { !$0.outboxes.isEmpty }
        guard let socket = try? address.connect(starting: starts, patience: .seconds(2)) else {
            pause = min(1, pause * 2)
            return true
        }
        pause = 0.02
        let sources = state.withLock { state in
            state.socket = socket
            return state.outboxes.values.map { ($0.source, $0.session) }
        }
        for (source, session) in sources { resume(source, in: session) }
        var reader = FrameReader()
        while let bytes = try? socket.read(), !bytes.isEmpty {
            reader.add(bytes)
            do {
                while let frame = try reader.next() { take(frame) }
            } catch {
                break
            }
        }
        socket.shutdown()
        return state.withLock { state in
            state.socket = nil
            for source in state.outboxes.keys { state.outboxes[source]?.disconnected() }
            return !state.isFinished
        }
    }

    private func resume(_ source: SourceID, in session: SessionID) {
        let (socket, holds) = state.withLock { ($0.socket, $0.holding.contains(source)) }
        guard let socket else { return }
        let request: JSONValue = [
            "do": "resume", "source": .string("\(source)"), "session": .string("\(session)"), "holds": .bool(holds),
        ]
        send(.message(request), over: socket)
    }

    private func take(_ frame: Frame) {
        switch frame {
        case .accepted(let source, let seq):
            perform { $0.outboxes[source]?.accepted(through: seq) ?? [] }
        case .message(let message):
            take(pauseOf: message)
            if let session = message["shared"]?.string.flatMap(Identifier.init).map(SessionID.init) {
                state.withLock(\.whenShared)?(session)
            } else if let source = message["resumed"]?.string.flatMap(Identifier.init).map(SourceID.init) {
                let head = UInt64(clamping: message["head"]?.integer ?? 0)
                if let now = message["clock"]?.integer { step(to: RecordTime(microseconds: now)) }
                perform { $0.outboxes[source]?.connected(head: head) ?? [] }
            } else if let now = message["clock"]?.integer {
                step(to: RecordTime(microseconds: now))
            } else if let error = message["error"]?.string {
                refused(error, code: LinkError.Code(name: message["code"]?.string ?? ""))
            }
        case .batch, .sealed: break
        }
    }

    /// Nothing of what was sent and not accepted is kept at the agent's. What fails for a while is offered again.
    private func refused(_ why: String, code: LinkError.Code) {
        guard code == .full || code == .failed else {
            let isNew = state.withLock { state in
                defer { state.refusal = why }
                return state.refusal != why
            }
            return isNew ? notify(.refused(why)) : ()
        }
        let (isNew, offers) = state.withLock { state in
            defer { (state.isWaiting, state.willOffer) = (true, true) }
            for source in state.outboxes.keys { state.outboxes[source]?.disconnected() }
            return (!state.isWaiting, !state.willOffer)
        }
        if isNew { notify(.waiting(why)) }
        // One offer for all that failed together.
        guard offers else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.offerAgain) { [weak self] in
            guard let self else { return }
            let sources = state.withLock { state in
                state.willOffer = false
                return state.outboxes.values.map { ($0.source, $0.session) }
            }
            for (source, session) in sources { resume(source, in: session) }
        }
    }

    /// The wall clock was set: every source says so, and goes on in the new time.
    ///
    /// A clock that was set back is only noted: the sources go on in the time they have, for theirs must not go back.
    private func step(to time: RecordTime) {
        let now = clock.now
        guard abs((time - now).wholeMicroseconds) > 1_000_000 else { return }
        var gap = Gap()
        gap.reason = .clockStep
        gap.stepUs = (time - now).wholeMicroseconds
        if time > now { clock.set(to: time) }
        for source in state.withLock({ Array($0.outboxes.keys) }) {
            record(Event(.gap(gap)), at: clock.now, from: source)
        }
    }

    private func perform(_ change: (inout State) -> [Outbox.Action]) {
        let recovered = state.withLock { state -> Int? in
            let waited = state.outboxes.values.reduce(0) { $0 + $1.waitingBytes }
            let actions = change(&state)
            let waits = state.outboxes.values.reduce(0) { $0 + $1.waitingBytes }
            if waits < waited || waited == 0 { state.lastProgress = .now }
            let recovered = (state.isStalled || state.isWaiting) && waits < waited
            if recovered { (state.isStalled, state.isWaiting) = (false, false) }
            // Queued under the lock, so that batches leave in the order of their numbers.
            if let socket = state.socket {
                for case .send(let batch) in actions { send(.batch(batch.encoded), over: socket) }
            }
            return recovered ? state.outboxes.values.reduce(0) { $0 + $1.droppedEvents } : nil
        }
        if let recovered { notify(.recovered(droppedEvents: recovered)) }
    }

    private func send(_ frame: Frame, over socket: StreamSocket) {
        // An agent that does not read blocks this queue only; a failed write ends in the reader's end of stream.
        sending.async { if (try? socket.write(frame.encoded)) == nil { socket.shutdown() } }
    }

    private func watchProgress() {
        let timer = Thread { [weak self] in
            while let link = self {
                Thread.sleep(forTimeInterval: 0.5)
                let (isFinished, stalled) = link.state.withLock { state -> (Bool, Int?) in
                    let waits = state.outboxes.values.reduce(0) { $0 + $1.waitingBytes }
                    guard waits > 0, !state.isStalled, !state.isWaiting, .now - state.lastProgress > Self.stallLimit
                    else {
                        return (state.isFinished, nil)
                    }
                    state.isStalled = true
                    return (state.isFinished, waits)
                }
                if let stalled { link.notify(.stalled(waitingBytes: stalled)) }
                if isFinished { return }
            }
        }
        timer.name = "playhead.link.watch"
        timer.start()
    }
}

/// One source of a link: what capturing parts write to.
public struct LinkedSource: EventSink {
    let link: AgentLink
    public let id: SourceID
    public let session: SessionID

    public func record(_ body: Event.OneOf_Body, at time: RecordTime) { link.record(Event(body), at: time, from: id) }

    /// How many events were dropped because the agent did not answer. When it grows, whole texts must be given again.
    public var droppedEvents: Int { link.droppedEvents(of: id) }

    /// Closes the source, and says where its end is.
    public func close(reason: String = "", patience: Duration = .seconds(10)) -> AgentLink.End {
        link.close(id, reason: reason, patience: patience)
    }
}
