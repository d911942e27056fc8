import Archive
import Capture
import Dispatch
import EventSchema
import Foundation
import Logging
import Synchronization

/// The per-user process that owns an archive: takes batches from recorders, keeps sessions, writes the index.
public final class AgentServer: Sendable {
    public struct Configuration: Sendable {
        public var home: ArchiveHome
        public var socketPath: String
        /// The account's name as it stands in the archive.
        public var user: String
        /// Without clients it leaves after this long.
        public var idleExit: Duration

        public init(home: ArchiveHome, socketPath: String, user: String, idleExit: Duration = .seconds(60)) {
            self.home = home
            self.socketPath = socketPath
            self.user = user
            self.idleExit = idleExit
        }
    }

    struct State {
        var directory = SessionDirectory()
        var records: [SessionID: SessionRecord] = [:]
        var clients: [SessionDirectory.Client: AgentConnection] = [:]
        var nextClient = 1
        var idleSince: ContinuousClock.Instant? = .now
        /// Sessions that got a batch in this agent's life.
        var fed: Set<SessionID> = []
        /// Batches accepted of open sessions since they were last sealed.
        var accepted: [SessionID: Int] = [:]
        var isStopping = false
        var pause: Pause?
        /// Sessions whose newest own events did not get into the archive.
        var unstored: Set<SessionID> = []
    }

    let configuration: Configuration
    let logger: Logger
    let clock: RecordClock
    let archive: ArchiveService
    let index: IndexService
    let keeper: SealService
    let relays: RelayService
    let state = Mutex(State())
    private let started = ContinuousClock.now
    private let listener: SocketListener
    private let lock: FileLock

    /// Takes the home's lock and opens its archive.
    ///
    /// - Returns: nil if another agent holds the home.
    /// - Throws: `ArchiveError` or `SystemError`.
    public init?(_ configuration: Configuration, logger: Logger) throws {
        try configuration.home.create()
        guard let lock = try FileLock.tryAcquire(configuration.home.lock.path) else { return nil }
        self.lock = lock
        self.configuration = configuration
        self.logger = logger
        let writer = try ArchiveWriter(home: configuration.home)
        clock = try Self.clock(kept: writer)
        let index = try IndexService(home: configuration.home, logger: logger)
        self.index = index
        let relays = RelayService(home: configuration.home, logger: logger)
        self.relays = relays
        archive = ArchiveService(writer: writer, user: configuration.user, clock: clock, logger: logger) { accepted in
            relays.committed(accepted)
            index.follow()
        }
        keeper = SealService(home: configuration.home, archive: archive, logger: logger) { relays.limits(of: $0) }
        listener = try SocketListener(path: configuration.socketPath)
    }

    /// The clock of this boot: the wall clock as it was read the first time, whichever agent did.
    private static func clock(kept writer: ArchiveWriter) throws -> RecordClock {
        let boot = Machine.boot.map { String($0, radix: 16) }.joined(separator: ".")
        let sinceBoot = Machine.microsecondsSinceBoot
        if try writer.meta("boot") == boot, let offset = try writer.meta("clock_offset_us").flatMap(Int64.init) {
            return RecordClock(anchor: RecordTime(microseconds: sinceBoot &+ offset))
        }
        let wall = Machine.wallMicroseconds
        try writer.setMeta("boot", boot)
        try writer.setMeta("clock_offset_us", String(wall &- sinceBoot))
        return RecordClock(anchor: RecordTime(microseconds: wall))
    }

    /// Serves until nobody has needed it for a while, or `stop` is called.
    public func run() {
        takeUpPause()
        resumeRelays()
        takeUnsent()
        expectReturns()
        index.follow()
        let housekeeping = Thread { [weak self] in
            var lookedForAbandoned = false
            var lastLook = ContinuousClock.now
            while let server = self, !server.state.withLock({ $0.isStopping }) {
                Thread.sleep(forTimeInterval: 0.25)
                server.keepHouse(&lastLook)
                // Recorders of a dead agent's sessions have come back by then, if they ever do.
                if !lookedForAbandoned, server.age > .seconds(20) {
                    lookedForAbandoned = true
                    server.closeAbandoned()
                }
            }
        }
        housekeeping.start()
        while !state.withLock({ $0.isStopping }) {
            // Out of descriptors, say: the clients that are there are still served.
            if let socket = try? listener.accept() { serve(socket) } else { Thread.sleep(forTimeInterval: 0.05) }
        }
        // Whoever was told `accepted` was told after the commit; what is left in sockets is offered to the next agent.
        let clients = state.withLock { Array($0.clients.values) }
        for client in clients { client.shutdown() }
        keeper.stop()
        relays.stop()
        _ = try? archive.perform { (_: ArchiveWriter) in }
    }

    /// Ends `run`. Sessions stay open: their recorders start the next agent.
    public func stop() {
        state.withLock { $0.isStopping = true }
        unlink(configuration.socketPath)
        listener.shutdown()
    }

    /// How long this agent runs.
    var age: Duration { .now - started }

    private func serve(_ socket: StreamSocket) {
        let connection = state.withLock { state in
            let connection = AgentConnection(id: state.nextClient, socket: socket, server: self)
            state.nextClient += 1
            state.clients[connection.id] = connection
            state.idleSince = nil
            return connection
        }
        connection.start()
    }

    func disconnected(_ client: SessionDirectory.Client) {
        let now = clock.now
        state.withLock { state in
            state.clients[client] = nil
            state.directory.disconnected(client, at: now, .now)
            if state.clients.isEmpty { state.idleSince = .now }
        }
    }

    private func keepHouse(_ lastLook: inout ContinuousClock.Instant) {
        watchWallClock()
        endPauseWhenDue()
        closeIdleSessions()
        if ContinuousClock.now - lastLook >= .seconds(2) {
            lastLook = .now
            takeUnsent()
        }
        let leaves = state.withLock { state in
            guard let idle = state.idleSince, .now - idle >= configuration.idleExit, !keeper.isBusy else {
                return false
            }
            return state.clients.isEmpty
        }
        guard leaves, relays.unsent == 0 else { return }
        closeIdleSessions(all: true)
        logger.info("nobody needs the agent; it leaves")
        stop()
    }

    private func closeIdleSessions(all: Bool = false) {
        let now = clock.now
        let expired = state.withLock { $0.directory.expire(.now, all: all) }
        for session in expired {
            if let last = session.leftAt {
                abandon(session.id, at: last)
                continue
            }
            close(session, at: session.idleSince ?? now)
        }
    }

    /// Closes a session that is out of the directory already.
    func close(_ session: SessionDirectory.Open, at time: RecordTime) {
        var closed = SessionClosed()
        closed.reason = "ended"
        add([Event(.sessionClosed(closed)), Event(.sourceClosed(SourceClosed()))], to: session.id, at: time)
        state.withLock { $0.records[session.id] = nil }
        keeper.sealSoon(session.id) { [weak self] in self?.isOpen($0) ?? false }
    }

    /// What earlier agents shared goes on to its brokers; nobody waits for it.
    private func resumeRelays() {
        try? index.followNow()
        relays.begin(archive: archive) { [weak self] session in
            guard let self, !isOpen(session) else { return }
            keeper.sealSoon(session) { [weak self] in self?.isOpen($0) ?? false }
        } watched: { [weak self] session, joined, left in
            guard let self, isOpen(session) else { return }
            noteViewers(joined: joined, left: left, of: session)
        }
    }

    /// Who comes to watch, and goes, is part of what is recorded.
    private func noteViewers(joined: [String], left: [String], of session: SessionID) {
        let events =
            joined.map { name in
                var body = ViewerJoined()
                body.viewer = name
                return Event(.viewerJoined(body))
            }
            + left.map { name in
                var body = ViewerLeft()
                body.viewer = name
                return Event(.viewerLeft(body))
            }
        add(events, to: session, at: clock.now)
    }

    func isOpen(_ session: SessionID) -> Bool { state.withLock { $0.directory.sessions[session] != nil } }

    /// After this many batches of an open session its full blocks are sealed.
    private static let sealEvery = 2048

    /// A batch was stored: now and then the session's rows are many enough to be sealed.
    func accepted(_ session: SessionID) {
        let isDue = state.withLock { state in
            state.fed.insert(session)
            state.accepted[session, default: 0] += 1
            guard state.accepted[session, default: 0] >= Self.sealEvery else { return false }
            state.accepted[session] = nil
            return true
        }
        if isDue { keeper.sealSoon(session) { [weak self] in self?.isOpen($0) ?? false } }
    }

    /// Sessions that no agent closed, because it died and nobody came back to them, end where their last event is.
    private func closeAbandoned() {
        guard (try? index.followNow()) != nil,
            let known = try? ArchiveReader(home: configuration.home).sessions()
        else { return }
        let fed = state.withLock { $0.fed }
        for session in known where session.closed == nil && !isOpen(session.id) && !fed.contains(session.id) {
            abandon(session.id, at: session.last)
        }
    }

    private func abandon(_ session: SessionID, at last: RecordTime) {
        var closed = SessionClosed()
        closed.reason = "abandoned"
        add([Event(.sessionClosed(closed))], to: session, at: last)
        keeper.sealSoon(session) { [weak self] in self?.isOpen($0) ?? false }
    }

    /// A session whose last event is older, and whose recorders do not run, ended before the agent died.
    private static let mostAbsence = Duration.seconds(15 * 60)

    /// What was open under the agent before this one: its recorders are on their way back, and a new one joins them.
    private func expectReturns() {
        let left: [SessionLeftOpen]
        do {
            left = try ArchiveReader(home: configuration.home).sessionsLeftOpen(
                boot: Machine.boot, since: clock.now - Self.mostAbsence, isRunning: Machine.isRunning)
        } catch {
            logger.error("what was open before is not known: \(error)")
            return
        }
        state.withLock { state in
            for session in left {
                state.directory.expect(
                    session.id, workspace: session.workspace, title: session.title, last: session.last, .now)
            }
        }
    }

    /// A wall clock that was set moves record time along, in one step that every source notes.
    private func watchWallClock() {
        let step = RecordTime(microseconds: Machine.wallMicroseconds) - clock.now
        guard abs(step.wholeMicroseconds) > 1_000_000 else { return }
        clock.set(to: RecordTime(microseconds: Machine.wallMicroseconds))
        let offset = Machine.wallMicroseconds &- Machine.microsecondsSinceBoot
        try? archive.perform { (writer) throws(ArchiveError) in try writer.setMeta("clock_offset_us", String(offset)) }
        logger.notice("the wall clock was set", metadata: ["step": "\(step)"])
        for client in state.withLock({ Array($0.clients.values) }) {
            client.send(.message(["clock": .integer(clock.now.microseconds), "unasked": true]))
        }
    }

    /// Appends to the agent's own source of a session. A session that is open gets a lasting one, as its first events
    /// if this agent has none yet; one that has ended gets a source for just these events.
    func add(_ events: [Event], to session: SessionID, at time: RecordTime) {
        state.withLock { state in
            // Queued under the lock, so that the batches of a source stay in their order.
            if let batch = nextBatch(events, of: session, at: time, &state) { append(batch) }
        }
    }

    private func nextBatch(
        _ events: [Event], of session: SessionID, at time: RecordTime, _ state: inout State
    ) -> CheckedBatch? {
        if let batch = events.isEmpty ? nil : state.records[session]?.batch(events, at: time) { return batch }
        guard state.records[session] == nil else { return nil }
        guard state.directory.sessions[session] != nil else {
            return SessionRecord.single(session: session, at: time, source: sourceOpened(), events: events)
        }
        var body = SessionOpened()
        body.resumed = true
        body.user = configuration.user
        body.host = Machine.hostName
        body.title = state.directory.sessions[session]?.title ?? ""
        body.workspace = Data(state.directory.sessions[session]?.workspace ?? [])
        let (record, batch) = SessionRecord.open(
            session: session, at: time, source: sourceOpened(), events: [Event(.sessionOpened(body))] + events)
        state.records[session] = record
        return batch
    }

    func append(_ batch: CheckedBatch) {
        archive.append(batch) { [self] result in
            let why: String
            switch result {
            case .success(.accepted): return
            case .success(let outcome): why = "\(outcome)"
            case .failure(let error): why = "\(error)"
            }
            logger.error("the agent's own events were not stored: \(why)")
            // The next ones cannot follow what is not there: they get a source of their own.
            state.withLock { state in
                if state.records[batch.session]?.source == batch.source { state.records[batch.session] = nil }
                state.unstored.insert(batch.session)
            }
        }
    }

    func sourceOpened() -> SourceOpened {
        var opened = SourceOpened()
        opened.kind = .session
        opened.program = "playhead agent"
        opened.user = configuration.user
        opened.host = Machine.hostName
        opened.boot = Data(Machine.boot)
        opened.process = UInt32(clamping: Machine.processID)
        return opened
    }

    /// What recorders left behind when no agent answered them.
    private func takeUnsent() {
        for waiting in UnsentBatches.waiting(in: configuration.home.directory) {
            let group = DispatchGroup()
            let outcome = Mutex((failed: false, refused: false))
            for batch in waiting.batches {
                group.enter()
                archive.append(batch) { result in
                    switch result {
                    case .success(.accepted): break
                    case .success: outcome.withLock { $0.refused = true }
                    case .failure: outcome.withLock { $0.failed = true }
                    }
                    group.leave()
                }
            }
            group.wait()
            let (failed, refused) = outcome.withLock { $0 }
            if failed { continue }
            if waiting.isWhole, !refused {
                try? FileManager.default.removeItem(at: waiting.file)
            } else {
                // Kept for a person to look at, out of the way of the next look.
                logger.error("not all of it could be stored: \(waiting.file.path)")
                try? FileManager.default.moveItem(at: waiting.file, to: waiting.file.appendingPathExtension("bad"))
            }
        }
    }
}
