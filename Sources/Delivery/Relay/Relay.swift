import AMQPBridge
import Archive
import Dispatch
import EventSchema
import Foundation
import Logging
import Synchronization

/// Carries a person's shared sessions from their archive to one broker, whatever happens to either.
///
/// The decisions are `RelayQueue`'s; this reads the rows, hands them to the lines, and passes on what those hear. All of
/// it happens on one queue of its own, except `committed`, which gives live sessions' batches to the live line at once.
public final class Relay: Sendable {
    /// What the relay tells its owner.
    public struct Reports: Sendable {
        /// The team's archive has these sources this far.
        public var watermarks: @Sendable ([SourceID: UInt64], _ archive: Identifier) -> Void
        /// The team's archive has all there is of the session now.
        public var archived: @Sendable (SessionID) -> Void

        public init(
            watermarks: @escaping @Sendable ([SourceID: UInt64], _ archive: Identifier) -> Void = { _, _ in },
            archived: @escaping @Sendable (SessionID) -> Void = { _ in }
        ) {
            self.watermarks = watermarks
            self.archived = archived
        }
    }

    /// How the lines are made; each gets what tells the relay of its events.
    public struct Lines: Sendable {
        public typealias Tell = @Sendable (RelayEvent) -> Void
        public var events: @Sendable (@escaping Tell) -> any RelayLine
        public var live: @Sendable (@escaping Tell) -> any RelayLine
        public var control: @Sendable (@escaping Tell) -> any ControlLine

        public init(
            events: @escaping @Sendable (@escaping Tell) -> any RelayLine,
            live: @escaping @Sendable (@escaping Tell) -> any RelayLine,
            control: @escaping @Sendable (@escaping Tell) -> any ControlLine
        ) {
            self.events = events
            self.live = live
            self.control = control
        }
    }

    public let place: BrokerPlace
    /// The login the messages are published under.
    public let user: String
    let home: ArchiveHome
    let reports: Reports
    let logger: Logger
    let work: DispatchQueue
    /// Only ever touched on `work`: a value of decisions, the lines that carry them out, and what is read.
    nonisolated(unsafe) var state: State
    let shown: Mutex<RelayStatus>
    private let liveKinds = Mutex<[SessionID: [SourceID: SourceKind]]>([:])
    private let liveLine = Mutex<(any RelayLine)?>(nil)

    struct State {
        var queue: RelayQueue
        var lines: Lines?
        var events: (any RelayLine)?
        /// Counts the lines for events: what an earlier one says means nothing any more.
        var line = 0
        var control: (any ControlLine)?
        var reader: ArchiveReader?
        var recent: [SourceID: RecentBatches] = [:]
        var isConnected = false
        var hearsControl = false
        var reason = ""
        var hearsArchive = false
        var isBlocked = false
        var nextRequest: UInt64 = 1
        var askedAt: ContinuousClock.Instant?
        var wakeUp: ContinuousClock.Instant?
        var newMarks: [SourceID: UInt64] = [:]
        var isFlushing = false
        var isClosed = false
    }

    /// - Parameter user: the login at the broker.
    public init(
        to place: BrokerPlace, user: String, home: ArchiveHome, window: RelayQueue.Window = .init(),
        logger: Logger, reports: Reports = Reports()
    ) {
        self.place = place
        self.user = user
        self.home = home
        self.reports = reports
        self.logger = logger
        work = DispatchQueue(label: "playhead.relay", qos: .userInitiated)
        state = State(queue: RelayQueue(window: window))
        shown = Mutex(RelayStatus(place: place))
    }

    /// Connects, and stays connected until `close`.
    public func start(_ lines: Lines) {
        work.async { [self] in
            state.lines = lines
            openEvents()
            state.control = lines.control { [weak self] event in self?.tell { $0.onControl(event) } }
            let live = lines.live { _ in }
            liveLine.withLock { $0 = live }
        }
    }

    private func openEvents() {
        state.line += 1
        let line = state.line
        state.events = state.lines?.events { [weak self] event in
            self?.tell { if $0.state.line == line { $0.onEvents(event) } }
        }
    }

    public func close() {
        work.sync { [self] in
            state.isClosed = true
            state.events?.close(dropping: false)
            state.control?.close()
            (state.events, state.control) = (nil, nil)
            if !state.newMarks.isEmpty, let archive = state.queue.archive {
                reports.watermarks(state.newMarks, archive)
            }
        }
        liveLine.withLock {
            $0?.close(dropping: false)
            $0 = nil
        }
    }

    /// How it is now.
    public var status: RelayStatus { shown.withLock { $0 } }

    // MARK: What is shared

    /// Shares a session from now on, with what the archive has of it already.
    ///
    /// - Parameters:
    ///   - isLive: whether those who follow now get it too.
    ///   - floors: of these sources only what comes after the batch.
    public func share(_ session: SessionID, isLive: Bool, floors: [SourceID: UInt64] = [:]) {
        if isLive { liveKinds.withLock { if $0[session] == nil { $0[session] = [:] } } }
        work.async { [self] in
            state.queue.share(session, from: floors)
            do {
                let reader = try reader()
                let marks = try reader.watermarks()
                for source in try reader.sources(of: session) {
                    state.queue.grew(source.id, of: session, kind: source.kind, to: source.head.seq, now: .now)
                    if isLive { liveKinds.withLock { $0[session]?[source.id] = source.kind } }
                }
                state.queue.remember(marks)
            } catch {
                logger.error("what is shared cannot be read: \(error)")
            }
            // What the archive has of it is asked again: another machine may have sent some.
            if state.isConnected { askHeads() }
            pump()
        }
    }

    /// Nothing more of a session leaves, from this moment on.
    public func unshare(_ session: SessionID) {
        liveKinds.withLock { $0[session] = nil }
        work.sync {
            state.queue.unshare(session)
            // What waits in a line may be of this session: it is dropped, and what else was in it goes again.
            if state.queue.inFlight > 0 {
                state.events?.close(dropping: true)
                state.queue.disconnected()
                state.isConnected = false
                openEvents()
            }
            if let live = state.lines?.live({ _ in }) {
                liveLine.withLock { line in
                    line?.close(dropping: true)
                    line = live
                }
            }
            show()
        }
    }

    /// How far the team has a source; nil if it is not shared.
    public func watermark(of source: SourceID) -> UInt64? { work.sync { state.queue.watermark(of: source) } }

    /// Takes batches that were just committed. Of sessions that are not shared here it takes nothing.
    public func committed(_ batches: [CheckedBatch]) {
        sendLive(batches)
        work.async { [self] in
            for batch in batches where state.queue.isShared(batch.session) {
                state.queue.grew(batch.source, of: batch.session, kind: batch.openedKind, to: batch.seq, now: .now)
                state.recent[batch.source, default: RecentBatches()].add(batch)
            }
            pump()
        }
    }

    private func sendLive(_ batches: [CheckedBatch]) {
        let kinds = liveKinds.withLock { sessions in
            batches.map { batch -> SourceKind? in
                guard let known = sessions[batch.session] else { return nil }
                if let kind = known[batch.source] { return kind }
                sessions[batch.session]?[batch.source] = batch.openedKind
                return batch.openedKind
            }
        }
        guard kinds.contains(where: { $0 != nil }), let line = liveLine.withLock({ $0 }) else { return }
        var publications: [AMQPPublication] = []
        for (batch, kind) in zip(batches, kinds) {
            guard let kind else { continue }
            let message = WireMessage(user: user, kind: kind, content: .batch(batch))
            publications.append(AMQPPublication(message.published(to: BrokerNames.live), token: 0))
        }
        line.publish(publications)
    }

    // MARK: What the lines tell

    private func tell(_ body: @escaping @Sendable (Relay) -> Void) {
        work.async { [weak self] in
            guard let self, !state.isClosed else { return }
            body(self)
            pump()
        }
    }

    private func onEvents(_ event: RelayEvent) {
        let now = ContinuousClock.now
        switch event {
        case .connected:
            (state.isConnected, state.reason, state.isBlocked) = (true, "", false)
            state.queue.connected(now: now)
            if state.hearsControl { askHeads() }
        case .confirmed(let numbers): for number in numbers { state.queue.confirmed(number) }
        case .refused(let numbers): for number in numbers { state.queue.refused(number, now: now) }
        case .returned(let number): state.queue.returned(number, now: now)
        case .blocked(let isBlocked):
            state.isBlocked = isBlocked
            state.queue.blocked(isBlocked)
        case .waiting(let reason):
            if state.isConnected { logger.warning("the connection to \(place) is gone: \(reason)") }
            (state.isConnected, state.reason) = (false, reason)
            state.queue.disconnected()
        case .told, .answered: break
        }
    }

    private func onControl(_ event: RelayEvent) {
        let now = ContinuousClock.now
        switch event {
        case .connected:
            state.hearsControl = true
            if state.isConnected { askHeads() }
        case .waiting(let reason):
            if state.hearsControl { logger.warning("the archive of \(place) is not heard: \(reason)") }
            (state.hearsControl, state.hearsArchive, state.askedAt) = (false, false, nil)
        case .told(let received):
            if received.routingKey == BrokerNames.startedKey, received.properties.userID == BrokerNames.archiver {
                askHeads()
            } else if let message = try? WatermarkMessage(received), message.user == user {
                take(message, now)
            }
        case .answered(_, let reply): take(reply, now)
        default: break
        }
    }

    private func take(_ message: WatermarkMessage, _ now: ContinuousClock.Instant) {
        state.hearsArchive = true
        var isOther = false
        for (source, head) in message.heads {
            isOther = state.queue.watermark(source, head.seq, archive: message.archive, now: now) || isOther
            note(source, head.seq)
        }
        if isOther { askHeads() }
        if state.queue.isShared(message.session), state.queue.unsent(of: message.session) == 0 {
            reports.archived(message.session)
        }
    }

    private func take(_ reply: ArchiveReply, _ now: ContinuousClock.Instant) {
        state.askedAt = nil
        guard let archive = Identifier(bytes: reply.archive), case .heads(let heads) = reply.what else {
            if !reply.error.isEmpty { logger.warning("the archive of \(place) answers: \(reply.error)") }
            return
        }
        state.hearsArchive = true
        var known: [SourceID: UInt64] = [:]
        for head in heads.heads {
            guard let source = SourceID(bytes: head.source) else { continue }
            known[source] = head.seq
            note(source, head.seq)
        }
        state.queue.heads(known, archive: archive, isBusy: heads.busy, now: now)
    }

    private func note(_ source: SourceID, _ seq: UInt64) {
        guard state.queue.watermark(of: source) != nil else { return }
        state.newMarks[source] = seq
        guard !state.isFlushing else { return }
        state.isFlushing = true
        work.asyncAfter(deadline: .now() + .seconds(1)) { [weak self] in
            guard let self else { return }
            state.isFlushing = false
            let marks = state.newMarks
            state.newMarks = [:]
            if let archive = state.queue.archive, !state.isClosed { reports.watermarks(marks, archive) }
        }
    }
}

extension CheckedBatch {
    /// What its source says it is, in its first batch.
    var openedKind: SourceKind {
        guard seq == 1, case .sourceOpened(let opened) = batch.events.first?.body else { return .unspecified }
        return opened.kind
    }
}
