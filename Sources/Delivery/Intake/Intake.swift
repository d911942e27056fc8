import AMQPBridge
import Archive
import EventSchema
import Foundation
import Logging
import Synchronization

/// Takes what the archive's queue holds into a team's archive: checks, one commit for everything that was readable, then
/// one acknowledgement, then the watermarks.
///
/// It all happens on the session's own thread; while a commit runs nothing is read, and the broker holds the rest.
public final class Intake: AMQPHandler {
    /// More than one commit takes: the broker goes on sending while one is under way.
    static let prefetch: UInt16 = 4000

    private let archive: TeamArchive
    /// Only ever touched on the session's thread.
    private nonisolated(unsafe) let check: MessageCheck
    private let logger: Logger
    private let now: @Sendable () -> RecordTime
    /// Called after every commit, with the heads that its publishers want to know.
    private let committed: @Sendable ([SourceID: KnownHead]) -> Void
    /// Called when the connection stands otherwise than before.
    private let changed: @Sendable (AMQPState) -> Void
    /// Only ever touched on the session's thread, which calls one function at a time.
    private nonisolated(unsafe) var gathered: IntakeBatch
    private let numbers = Mutex(IntakeStatistics())
    private let shown = Mutex(Shown())
    private let session = Mutex<AMQPSession?>(nil)
    /// What was being taken when the archiver before this one died, if it had come too often.
    private let suspect: SuspectNote?

    private struct Shown {
        var state = AMQPState.connecting
        var lastDelivery = ContinuousClock.now
        var isStopping = false
        var options: AMQPOptions?
    }

    /// - Parameters:
    ///   - now: the time of arrival.
    ///   - committed: called on the session's thread.
    ///   - changed: how the connection stands; called on the session's thread.
    /// - Throws: `ArchiveError`, or `ZstdError` where there is no memory.
    public init(
        into archive: TeamArchive, limits: IntakeBatch.Limits = .init(), logger: Logger,
        now: @escaping @Sendable () -> RecordTime, committed: @escaping @Sendable ([SourceID: KnownHead]) -> Void,
        changed: @escaping @Sendable (AMQPState) -> Void = { _ in }
    ) throws {
        self.archive = archive
        self.logger = logger
        self.now = now
        self.committed = committed
        self.changed = changed
        check = try MessageCheck()
        gathered = IntakeBatch(limits: limits)
        suspect = try archive.mark(Self.suspectMark).flatMap(SuspectNote.init)
    }

    private static let suspectMark = "suspect"

    /// Consumes until `stop`.
    public func start(_ options: AMQPOptions, topology: AMQPTopology = BrokerTopology.archiver) {
        shown.withLock { $0.options = options }
        let opened = AMQPSession(options, handler: self) {
            AMQPSetup(
                topology: topology,
                consumers: [
                    AMQPConsumer(queue: BrokerNames.archiveQueue, tag: "intake", prefetch: Self.prefetch)
                ])
        }
        session.withLock { $0 = opened }
    }

    /// Finishes what is under way and closes.
    public func stop() async {
        shown.withLock { $0.isStopping = true }
        let session = session.withLock { session in
            defer { session = nil }
            return session
        }
        await session?.close()
    }

    public var statistics: IntakeStatistics { numbers.withLock { $0 } }
    /// How the connection stands.
    public var state: AMQPState { shown.withLock { $0.state } }
    /// Whether the broker still holds messages for it, as far as it can tell.
    public var isBusy: Bool { shown.withLock { .now - $0.lastDelivery < .milliseconds(500) } }

    // MARK: On the session's thread

    public func changed(to state: AMQPState, of session: AMQPSession) {
        shown.withLock { $0.state = state }
        switch state {
        case .waiting(_, let error, _):
            gathered.reset()
            tell(error)
            if error.code == .timeout { silences += 1 } else { silences = 0 }
            if silences >= Self.mostSilences {
                silences = 0
                makeQueueAnew(session)
            }
        case .open:
            (silences, told) = (0, nil)
            logger.notice("connected; what is shared is archived")
        default: break
        }
        changed(state)
    }

    /// Says why there is no connection, once for each reason.
    private func tell(_ error: AMQPError) {
        guard told != error.message else { return }
        told = error.message
        if error.code == .busy {
            logger.notice("another archiver is at work on this broker; this one stands by")
        } else if error.isRetryable {
            logger.warning("not connected, and tried again until it works: \(error)")
        } else {
            logger.error("the broker does not let the archiver work: \(error)")
        }
    }

    /// Only ever touched on the session's thread: what was said last.
    private nonisolated(unsafe) var told: String?
    /// So many connections in a row on which the broker let the archiver in, and then did not answer for its queue.
    private static let mostSilences = 3
    /// Only ever touched on the session's thread.
    private nonisolated(unsafe) var silences = 0

    /// A quorum queue that has lost its leader for good, as after a `kill -9` soon after it was made, answers nobody ever
    /// again. It is deleted and declared anew; what was in it its publishers still have, and send again.
    private func makeQueueAnew(_ session: AMQPSession) {
        guard var options = shown.withLock({ $0.options }) else { return }
        options.requestTimeout = .seconds(60)
        logger.error("the archive's queue does not answer; it is made anew, and publishers send again what it held")
        Task { [logger, options] in
            do {
                let connection = try await AMQPConnection.open(options)
                let dropped = try await connection.delete(queue: BrokerNames.archiveQueue)
                logger.error("the archive's queue is deleted, with \(dropped) messages")
                await connection.close()
            } catch {
                logger.error("the archive's queue cannot be deleted: \(error)")
            }
            session.retry()
        }
    }

    public func delivered(_ batch: [AMQPDelivery], by session: AMQPSession) {
        shown.withLock { $0.lastDelivery = .now }
        for delivery in batch {
            guard !shown.withLock({ $0.isStopping }) else { break }
            // The broker counts only what it delivers again.
            if delivery.redelivered, IntakeBatch.isSuspect(delivery.message) {
                commit(session)
                take(suspect: delivery, session)
                continue
            }
            take(delivery)
            lastTag = delivery.tag
            if gathered.isFull { commit(session) }
        }
        commit(session)
    }

    /// Only ever touched on the session's thread: what is put aside with the next commit.
    private nonisolated(unsafe) var refusals = RefusalCount()

    /// Only ever touched on the session's thread: the newest delivery that was gathered.
    private nonisolated(unsafe) var lastTag: AMQPDeliveryTag?

    private func take(_ delivery: AMQPDelivery) {
        let result: Result<WireMessage, MessageRefusal>
        if delivery.omitted.contains(.body) {
            result = .failure(
                MessageRefusal(.size, "\(delivery.bodySize) bytes, more than \(WireMessage.largest)"))
        } else if delivery.omitted.contains(.headers) {
            result = .failure(MessageRefusal(.headers, "more headers than are read"))
        } else {
            do throws(MessageRefusal) { result = .success(try check.check(delivery.message)) } catch {
                result = .failure(error)
            }
        }
        if case .failure(let refusal) = result {
            refusals.take(refusal, key: delivery.message.routingKey)
        }
        gathered.take(result, delivery.message.body, tag: delivery.tag.number)
    }

    /// A message that has come back often is taken alone, with a note made before: whoever dies of it leaves the note, and
    /// in the end an archiver puts it aside untouched.
    private func take(suspect delivery: AMQPDelivery, _ session: AMQPSession) {
        let name = ContentHash(of: Array(delivery.message.routingKey.utf8) + delivery.message.body).description
        if let note = SuspectNote(of: name, after: suspect) {
            try? archive.setMark(Self.suspectMark, note.text)
            take(delivery)
        } else {
            gathered.take(
                .failure(MessageRefusal(.poison, "archivers died while it was taken")), delivery.message.body,
                tag: delivery.tag.number)
        }
        lastTag = delivery.tag
        commit(session)
        try? archive.setMark(Self.suspectMark, "")
    }

    private func commit(_ session: AMQPSession) {
        guard let commit = gathered.commit(), let tag = lastTag else { return }
        for line in refusals.lines() { logger.warning("quarantined", metadata: line) }
        let bytes = commit.arrivals.reduce(0) { $0 + $1.size }
        while true {
            do throws(ArchiveError) {
                let report = try archive.store(commit.arrivals, now: now())
                session.acknowledge(tag, multiple: true)
                numbers.withLock { $0.add(report, messages: commit.arrivals.count, bytes: bytes) }
                committed(report.heads)
                return
            } catch {
                // Nothing is acknowledged: the broker keeps it, and in the end tells the publishers to wait.
                logger.error("not stored: \(error)")
                guard !shown.withLock({ $0.isStopping }) else { return }
                Thread.sleep(forTimeInterval: 1)
            }
        }
    }
}

extension Arrival {
    /// About how many bytes it holds.
    var size: Int {
        switch self {
        case .batch(let batch, _, _): batch.encoded.count
        case .block(let stored, _, _, _): stored.count
        case .lost: 100
        case .refused(let message, _): message.count
        }
    }
}
