import Archive
import Capture
import Dispatch
import EventSchema
import Logging
import Synchronization

/// The archive as the agent's threads share it: one queue owns the writer; batches that come while a commit is under
/// way go together into the next one.
final class ArchiveService: Sendable {
    typealias Completion = @Sendable (Result<AppendOutcome, ArchiveError>) -> Void

    /// A commit is safe against a power cut at most this long after it.
    static let durabilityDelay = DispatchTimeInterval.milliseconds(250)

    private struct Pending {
        var batches: [(batch: CheckedBatch, completion: Completion)] = []
        var isScheduled = false
        var isDurabilityScheduled = false
    }

    private let queue = DispatchQueue(label: "playhead.archive", qos: .userInitiated)
    private let pending = Mutex(Pending())
    /// Only ever touched on `queue`: a writer is not thread-safe.
    private nonisolated(unsafe) let writer: ArchiveWriter
    private let user: String
    private let clock: RecordClock
    private let logger: Logger
    private let committed: @Sendable ([CheckedBatch]) -> Void

    /// - Parameter committed: called on the queue after every commit, with what was accepted.
    init(
        writer: ArchiveWriter, user: String, clock: RecordClock, logger: Logger,
        committed: @escaping @Sendable ([CheckedBatch]) -> Void
    ) {
        self.writer = writer
        self.user = user
        self.clock = clock
        self.logger = logger
        self.committed = committed
    }

    /// Stores a batch; `completion` is called on the archive's queue once it is committed or refused.
    func append(_ batch: CheckedBatch, completion: @escaping Completion) {
        let schedule = pending.withLock { pending in
            pending.batches.append((batch, completion))
            defer { pending.isScheduled = true }
            return !pending.isScheduled
        }
        if schedule { queue.async { self.commitPending() } }
    }

    /// Runs `body` with the writer, between commits.
    func perform<R: Sendable>(_ body: @Sendable (ArchiveWriter) throws(ArchiveError) -> R) throws(ArchiveError) -> R {
        let result = queue.sync { () -> Result<R, ArchiveError> in
            do throws(ArchiveError) { return .success(try body(writer)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func commitPending() {
        let batches = pending.withLock { pending in
            pending.isScheduled = false
            return pending.batches.take()
        }
        guard !batches.isEmpty else { return }
        let results: [Result<AppendOutcome, ArchiveError>]
        do throws(ArchiveError) {
            results = try writer.append(batches.map(\.batch), user: user, now: clock.now).map { .success($0) }
        } catch {
            logger.error("not stored: \(error)")
            results = batches.map { _ in .failure(error) }
        }
        for (item, result) in zip(batches, results) { item.completion(result) }
        committed(zip(batches, results).compactMap { $1.isAccepted ? $0.batch : nil })
        if batches.contains(where: { $0.batch.isMilestone }) { makeDurable() } else { scheduleDurability() }
    }

    private func scheduleDurability() {
        let schedule = pending.withLock { pending in
            defer { pending.isDurabilityScheduled = true }
            return !pending.isDurabilityScheduled
        }
        guard schedule else { return }
        queue.asyncAfter(deadline: .now() + Self.durabilityDelay) {
            self.pending.withLock { $0.isDurabilityScheduled = false }
            self.makeDurable()
        }
    }

    private func makeDurable() {
        do throws(ArchiveError) {
            try writer.makeDurable()
        } catch {
            logger.error("not safe against a power cut: \(error)")
        }
    }
}

extension Result<AppendOutcome, ArchiveError> {
    fileprivate var isAccepted: Bool { if case .success(.accepted) = self { true } else { false } }
}

extension [(batch: CheckedBatch, completion: ArchiveService.Completion)] {
    fileprivate mutating func take() -> Self {
        defer { self = [] }
        return self
    }
}

extension CheckedBatch {
    /// Whether it holds something a person would not want to lose in a power cut of the next quarter second.
    fileprivate var isMilestone: Bool {
        events.contains { event in
            switch event.body {
            case .documentOpened, .documentSaved, .note, .commandFinished, .sourceClosed, .sessionClosed: true
            default: false
            }
        }
    }
}
