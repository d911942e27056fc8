import Dispatch
import EventSchema
import Logging
import Synchronization

/// Lets the index follow the archive, a little behind it and never in its way.
public final class IndexService: Sendable {
    /// Commits within this time are projected together.
    static let delay = DispatchTimeInterval.milliseconds(50)

    private let queue = DispatchQueue(label: "playhead.index", qos: .utility)
    /// Only ever touched on `queue`: a projector is not thread-safe.
    private nonisolated(unsafe) let projector: IndexProjector
    private let isScheduled = Mutex(false)
    private let logger: Logger

    /// - Throws: `ArchiveError` if the index cannot be opened or made.
    public init(home: ArchiveHome, logger: Logger) throws(ArchiveError) {
        projector = try IndexProjector(home: home)
        self.logger = logger
    }

    /// Follows soon.
    public func follow() {
        let schedule = isScheduled.withLock { scheduled in
            defer { scheduled = true }
            return !scheduled
        }
        guard schedule else { return }
        queue.asyncAfter(deadline: .now() + Self.delay) { [self] in
            isScheduled.withLock { $0 = false }
            do throws(ArchiveError) {
                try projector.catchUp()
            } catch {
                logger.error("the index does not follow: \(error)")
            }
        }
    }

    /// Follows, and comes back when it has.
    public func followNow() throws(ArchiveError) {
        try perform { (projector) throws(ArchiveError) in _ = try projector.catchUp() }
    }

    /// Deletes the index and fills it again.
    public func rebuild() throws(ArchiveError) {
        try perform { (projector) throws(ArchiveError) in try projector.rebuild() }
    }

    /// Takes a session out of the index.
    public func remove(_ session: SessionID) throws(ArchiveError) {
        try perform { (projector) throws(ArchiveError) in try projector.remove(session) }
    }

    private func perform(_ body: (IndexProjector) throws(ArchiveError) -> Void) throws(ArchiveError) {
        let failure = queue.sync { () -> ArchiveError? in
            do throws(ArchiveError) {
                try body(projector)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }
}
