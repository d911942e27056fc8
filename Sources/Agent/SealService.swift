import Archive
import Dispatch
import EventSchema
import Logging
import Synchronization

/// Seals what has ended, one session at a time, at low priority.
final class SealService: Sendable {
    private struct State {
        var waiting: [SessionID] = []
        var isRunning = false
        var isStopped = false
    }

    private let home: ArchiveHome
    private let archive: ArchiveService
    private let logger: Logger
    /// Of a source that is shared: up to where it may be sealed, and where a block must end.
    private let limits: @Sendable (SourceSummary) -> (watermark: UInt64?, floor: UInt64?)
    private let queue = DispatchQueue(label: "playhead.seal", qos: .background)
    private let state = Mutex(State())

    init(
        home: ArchiveHome, archive: ArchiveService, logger: Logger,
        limits: @escaping @Sendable (SourceSummary) -> (watermark: UInt64?, floor: UInt64?)
    ) {
        self.limits = limits
        self.home = home
        self.archive = archive
        self.logger = logger
    }

    var isBusy: Bool { state.withLock { $0.isRunning || !$0.waiting.isEmpty } }

    /// Seals a session when nothing else is being sealed.
    ///
    /// - Parameter isOpen: whether a session is being recorded: of its sources only full blocks are sealed.
    func sealSoon(_ session: SessionID, isOpen: @escaping @Sendable (SessionID) -> Bool) {
        state.withLock { if !$0.waiting.contains(session) { $0.waiting.append(session) } }
        queue.async { [self] in
            guard
                let next = state.withLock({ state -> SessionID? in
                    guard !state.isStopped, !state.waiting.isEmpty else { return nil }
                    state.isRunning = true
                    return state.waiting.removeFirst()
                })
            else { return }
            defer { state.withLock { $0.isRunning = false } }
            do {
                _ = try work(next, isOpen) { _, _ in }
            } catch {
                logger.error("session \(next.short) is not sealed: \(error)")
            }
        }
    }

    /// Seals one session or all now.
    ///
    /// - Returns: how many batches went into sealed blocks.
    func seal(
        _ session: SessionID?, isOpen: (SessionID) -> Bool, progress: (_ done: Int, _ of: Int) -> Void
    ) throws -> Int {
        try queue.sync { try work(session, isOpen, progress) }
    }

    func stop() { state.withLock { $0.isStopped = true } }

    private func work(
        _ session: SessionID?, _ isOpen: (SessionID) -> Bool, _ progress: (Int, Int) -> Void
    ) throws -> Int {
        let reader = try ArchiveReader(home: home)
        let job = try SealJob(reader: reader)
        let keyframes = try KeyframeJob(reader: reader)
        let sources = try reader.sources(of: session)
        var sealed = 0
        for (done, source) in sources.enumerated() {
            let isComplete = source.isClosed || !isOpen(source.session)
            let (watermark, floor) = limits(source)
            sealed += try job.seal(source.id, watermark: watermark, floor: floor, isComplete: isComplete) {
                (id, block) throws(ArchiveError) in
                try archive.perform { (writer) throws(ArchiveError) in try writer.swapIn(block, of: id) }
            } goesOn: {
                state.withLock { !$0.isStopped }
            }
            _ = try keyframes.extend(source.id) { (id, keyframe) throws(ArchiveError) in
                _ = try archive.perform { (writer) throws(ArchiveError) in try writer.store(keyframe, of: id) }
            } goesOn: {
                state.withLock { !$0.isStopped }
            }
            progress(done + 1, sources.count)
        }
        if sealed > 0 { try shrink() }
        return sealed
    }

    /// Gives the room of sealed rows back in small steps: appends go on between them.
    private func shrink() throws(ArchiveError) {
        while !state.withLock({ $0.isStopped }),
            try archive.perform({ (writer) throws(ArchiveError) in try writer.giveSomeRoomBack() })
        {}
        try archive.perform { (writer) throws(ArchiveError) in try writer.emptyLog() }
    }
}
