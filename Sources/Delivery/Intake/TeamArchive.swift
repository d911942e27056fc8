import Archive
import Dispatch
import EventSchema
import Foundation
import Logging
import Synchronization

/// A team's archive as an archiver's threads share it: one writer, the index behind it, and the sealing of what has
/// ended.
public final class TeamArchive: Sendable {
    public let home: ArchiveHome
    /// Minted once; whoever publishes sees by it that the archive is another one.
    public let identity: Identifier
    private let index: IndexService
    private let logger: Logger
    private let lock = NSLock()
    /// Only ever touched with `lock` held: a writer is not thread-safe.
    private nonisolated(unsafe) let writer: ArchiveWriter
    private let sealing = SealingThread()
    private let state = Mutex(State())
    /// Kept from one sealing to the next, with what zstd holds: the archiver's memory stays. Only touched on the thread
    /// of `sealing`.
    private nonisolated(unsafe) var jobs: Jobs?

    private struct Jobs {
        let reader: ArchiveReader
        let seal: SealJob
        let keyframes: KeyframeJob

        init(_ home: ArchiveHome) throws(ArchiveError) {
            reader = try ArchiveReader(home: home)
            seal = try SealJob(reader: reader)
            keyframes = try KeyframeJob(reader: reader)
        }
    }

    private struct State {
        /// Sources that grew since they were last sealed.
        var grown: Set<SourceID> = []
        var isScheduled = false
        var isStopped = false
    }

    /// So long after it grew a source is looked at: what is complete by then is sealed.
    static let sealDelay = DispatchTimeInterval.seconds(30)

    /// So much in one commit says that the broker holds more.
    static let backlog = 500

    /// - Throws: `ArchiveError`.
    public init(home: ArchiveHome, logger: Logger) throws(ArchiveError) {
        self.home = home
        self.logger = logger
        let writer = try ArchiveWriter(home: home)
        identity = try writer.identity()
        self.writer = writer
        index = try IndexService(home: home, logger: logger)
        index.follow()
        sealing.start { [weak self] in self?.sealGrown() }
    }

    deinit { sealing.end() }

    /// Stores what arrived; after it, it may be acknowledged.
    ///
    /// - Throws: `ArchiveError`; then nothing is stored.
    public func store(_ arrivals: [Arrival], now: RecordTime) throws(ArchiveError) -> IntakeReport {
        let report = try perform { (writer) throws(ArchiveError) in try writer.store(arrivals, now: now) }
        if report.appended > 0 {
            index.follow(inBacklog: arrivals.count >= Self.backlog)
            sealLater(report.heads.keys)
        }
        return report
    }

    /// The heads of sources that grew since a moment.
    public func heads(since: RecordTime) throws(ArchiveError) -> [SourceID: KnownHead] {
        try perform { (writer) throws(ArchiveError) in try writer.heads(since: since) }
    }

    /// A small value kept beside the truth; nil takes it away.
    func setMark(_ name: String, _ value: String) throws(ArchiveError) {
        try perform { (writer) throws(ArchiveError) in try writer.setMeta(name, value) }
    }

    func mark(_ name: String) throws(ArchiveError) -> String? {
        try perform { (writer) throws(ArchiveError) in try writer.meta(name) }
    }

    /// Brings the index up to date.
    public func catchUp() throws(ArchiveError) { try index.followNow() }

    /// Ends sealing, and puts everything into the one file, so that it can be copied. For the end.
    public func stop() {
        state.withLock { $0.isStopped = true }
        sealing.stop()
        do throws(ArchiveError) {
            try perform { (writer) throws(ArchiveError) in try writer.emptyLog() }
        } catch {
            logger.warning("the archive's log is not emptied: \(error)")
        }
    }

    private func perform<R>(_ body: (ArchiveWriter) throws(ArchiveError) -> R) throws(ArchiveError) -> R {
        lock.lock()
        defer { lock.unlock() }
        return try body(writer)
    }

    // MARK: Sealing

    private func sealLater(_ sources: some Sequence<SourceID>) {
        let schedule = state.withLock { state in
            state.grown.formUnion(sources)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if schedule { sealing.wake(after: Self.sealDelay) }
    }

    private func sealGrown() {
        let sources = state.withLock { state in
            state.isScheduled = false
            defer { state.grown = [] }
            return state.isStopped ? [] : state.grown
        }
        guard !sources.isEmpty else { return }
        do {
            let jobs = try jobs ?? Jobs(home)
            self.jobs = jobs
            for source in try jobs.reader.sources(Array(sources)) {
                try seal(source, jobs.seal, jobs.keyframes)
            }
        } catch {
            logger.error("not sealed: \(error)")
        }
    }

    private func seal(_ source: SourceSummary, _ job: SealJob, _ keyframes: KeyframeJob) throws(ArchiveError) {
        let goesOn = { self.state.withLock { !$0.isStopped } }
        _ = try job.seal(source.id, isComplete: source.isClosed) { (id, block) throws(ArchiveError) in
            try perform { (writer) throws(ArchiveError) in try writer.swapIn(block, of: id) }
        } goesOn: {
            goesOn()
        }
        _ = try keyframes.extend(source.id) { (id, keyframe) throws(ArchiveError) in
            _ = try perform { (writer) throws(ArchiveError) in try writer.store(keyframe, of: id) }
        } goesOn: {
            goesOn()
        }
    }
}
