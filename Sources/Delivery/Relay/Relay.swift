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
        /// Who follows the person now, as far as it is known, in order of their names.
        public var viewers: @Sendable ([String]) -> Void

        public init(
            watermarks: @escaping @Sendable ([SourceID: UInt64], _ archive: Identifier) -> Void = { _, _ in },
            archived: @escaping @Sendable (SessionID) -> Void = { _ in },
            viewers: @escaping @Sendable ([String]) -> Void = { _ in }
        ) {
            self.watermarks = watermarks
            self.archived = archived
            self.viewers = viewers
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
    /// Committed, and not yet told to the archive's line.
    private let gathered = Mutex<[CheckedBatch]>([])
    /// So much later a batch goes to the archive than to those who follow: broker and archiver are not busy with it while
    /// somebody waits for it. What of it is lost is found again in the person's archive.
    private static let headStart = DispatchTimeInterval.milliseconds(2)

    struct State {
        var queue: RelayQueue
        var lines: Lines?
        var events: (any RelayLine)?
        /// Count the lines: what an earlier one says means nothing any more.
        var line = 0
        var controlLine = 0
        var liveLine = 0
        var control: (any ControlLine)?
        var reader: ArchiveReader?
        var recent: [SourceID: RecentBatches] = [:]
        var isConnected = false
        /// Why there is no connection; of each of the three.
        var trouble: AMQPError?
        var controlTrouble: AMQPError?
        var liveTrouble: AMQPError?
        var hearsControl = false
        var hearsArchive = false
        /// Why the broker takes nothing now; nil: it does.
        var blocked: String?
        var nextRequest: UInt64 = 1
        var askedAt: ContinuousClock.Instant?
        var wakeUp: ContinuousClock.Instant?
        var newMarks: [SourceID: UInt64] = [:]
        /// Who follows the person now; nil while the archive is not heard.
        var viewers: [String]?
        var isFlushing = false
        var isClosed = false
        /// When a session's state was last told to those who follow.
        var keyframedAt: [SessionID: ContinuousClock.Instant] = [:]
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

    /// Connects, and stays connected until `close`. Called again it lets go of the lines it had, as for another login.
    public func start(_ lines: Lines) {
        work.async { [self] in
            guard !state.isClosed else { return }
            state.lines = lines
            disconnect()
            openEvents()
            openControl()
            openLive(dropping: false)
            show()
        }
    }

    private func disconnect() {
        state.events?.close(dropping: true)
        state.queue.disconnected()
        (state.isConnected, state.trouble, state.blocked) = (false, nil, nil)
    }

    private func openEvents() {
        state.line += 1
        let line = state.line
        state.events = state.lines?.events { [weak self] event in
            self?.tell { if $0.state.line == line { $0.onEvents(event) } }
        }
    }

    private func openControl() {
        state.control?.close()
        (state.hearsControl, state.hearsArchive, state.askedAt, state.controlTrouble) = (false, false, nil, nil)
        state.controlLine += 1
        let line = state.controlLine
        state.control = state.lines?.control { [weak self] event in
            self?.tell { if $0.state.controlLine == line { $0.onControl(event) } }
        }
    }

    private func openLive(dropping: Bool) {
        state.liveTrouble = nil
        state.liveLine += 1
        let number = state.liveLine
        guard
            let live = state.lines?.live({ [weak self] event in
                self?.tell { if $0.state.liveLine == number { $0.onLive(event) } }
            })
        else { return }
        liveLine.withLock { line in
            line?.close(dropping: dropping)
            line = live
        }
    }

    public func close() {
        work.sync { [self] in
            sendGathered()
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
                disconnect()
                openEvents()
            }
            openLive(dropping: true)
            show()
        }
    }

    /// How far the team has a source; nil if it is not shared.
    public func watermark(of source: SourceID) -> UInt64? { work.sync { state.queue.watermark(of: source) } }

    /// Takes batches that were just committed. Of sessions that are not shared here it takes nothing.
    public func committed(_ batches: [CheckedBatch]) {
        sendLive(batches)
        let isFirst = gathered.withLock { gathered in
            defer { gathered += batches }
            return gathered.isEmpty
        }
        if isFirst { work.asyncAfter(deadline: .now() + Self.headStart) { [weak self] in self?.sendGathered() } }
    }

    private func sendGathered() {
        let batches = gathered.withLock { gathered in
            defer { gathered = [] }
            return gathered
        }
        for batch in batches where state.queue.isShared(batch.session) {
            state.queue.grew(batch.source, of: batch.session, kind: batch.openedKind, to: batch.seq, now: .now)
            state.recent[batch.source, default: RecentBatches()].add(batch)
        }
        pump()
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

    /// The sessions that those who follow now get.
    var liveSessions: [SessionID] { liveKinds.withLock { Array($0.keys) } }

    func publishLive(_ publications: [AMQPPublication]) { liveLine.withLock { $0 }?.publish(publications) }
}

extension CheckedBatch {
    /// What its source says it is, in its first batch.
    var openedKind: SourceKind {
        guard seq == 1, case .sourceOpened(let opened) = events.first?.body else { return .unspecified }
        return opened.kind
    }
}
