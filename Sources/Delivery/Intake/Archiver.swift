import AMQPBridge
import Archive
import EventSchema
import Logging

/// A team's archiver: takes what the archive's queue holds and, while it does, speaks for the archive. One that stands
/// by, because another is at work on the broker, neither takes nor answers anything.
public final class Archiver: Sendable {
    private let archive: TeamArchive
    private let intake: Intake
    private let voice: ArchiveVoice
    private let watchers: WatcherEar
    private let ears: Ears

    /// What both connections tell; apart, because they are made before the archiver.
    fileprivate final class Ears: Sendable {
        struct State {
            var options: AMQPOptions?
            var voice: ArchiveVoice?
            var watchers: WatcherEar?
            var voiceState = AMQPState.connecting
            var patience = (intake: BrokerPatience(), voice: BrokerPatience())
            var isStopped = false
            var gaveUp = false
        }
        let state = Guarded(State())
        let givesUp: @Sendable (AMQPError) -> Void

        init(_ givesUp: @escaping @Sendable (AMQPError) -> Void) { self.givesUp = givesUp }

        func tell(_ heads: [SourceID: KnownHead]) { state.withLock { $0.voice }?.tell(heads) }

        /// The archive speaks while the intake's connection stands.
        func intakeChanged(to new: AMQPState) {
            let (voice, watchers, options, reason) = state.withLock { state in
                let reason = state.giveUp(state.patience.intake.heard(new, now: .now))
                // What is under way when it stops is still told.
                guard !state.isStopped else { return (ArchiveVoice?.none, WatcherEar?.none, AMQPOptions?.none, reason) }
                return (state.voice, state.watchers, state.options, reason)
            }
            switch new {
            case .open:
                if let options {
                    voice?.start(options)
                    watchers?.start(options)
                }
            case .waiting:
                voice?.fallSilent()
                watchers?.stop()
            default: break
            }
            if let reason { givesUp(reason) }
        }

        func voiceChanged(to new: AMQPState) {
            let reason = state.withLock { state -> AMQPError? in
                state.voiceState = new
                return state.giveUp(state.patience.voice.heard(new, now: .now))
            }
            if let reason { givesUp(reason) }
        }
    }

    /// - Parameters:
    ///   - now: the time of arrival.
    ///   - mayRead: besides oneself, who may see what.
    ///   - givesUp: called once at most, with what waiting does not mend; `stop` is still to be called.
    /// - Throws: `ArchiveError`, or `ZstdError` where there is no memory.
    public init(
        of archive: TeamArchive, logger: Logger, now: @escaping @Sendable () -> RecordTime,
        mayRead: @escaping ArchiveResponder.Grant, givesUp: @escaping @Sendable (AMQPError) -> Void = { _ in }
    ) throws {
        // The archiver owns it: whom it knows do not, or none of them would ever go.
        let ears = Ears(givesUp)
        let intake = try Intake(
            into: archive, logger: logger, now: now, committed: { [weak ears] in ears?.tell($0) },
            changed: { [weak ears] in ears?.intakeChanged(to: $0) })
        let voice = ArchiveVoice(
            of: archive, logger: logger, now: now, mayRead: mayRead, isBusy: { intake.isBusy },
            came: { [weak ears] user in ears?.state.withLock { $0.watchers }?.tellAgain(user) },
            changed: { [weak ears] in ears?.voiceChanged(to: $0) })
        let watchers = WatcherEar(archive: archive.identity, logger: logger)
        ears.state.withLock { ($0.voice, $0.watchers) = (voice, watchers) }
        (self.archive, self.intake, self.voice, self.ears) = (archive, intake, voice, ears)
        self.watchers = watchers
    }

    /// Works, or stands by, until `stop`.
    public func start(_ options: AMQPOptions) {
        ears.state.withLock { $0.options = options }
        var receiving = options
        receiving.maximumBody = WireMessage.largest
        intake.start(receiving)
    }

    /// Finishes what is under way and closes; the archive stays as it is.
    public func stop() async {
        ears.state.withLock { $0.isStopped = true }
        await intake.stop()
        watchers.stop()
        await voice.stop()
    }

    public var statistics: IntakeStatistics {
        var statistics = intake.statistics
        statistics.requests = voice.requests
        return statistics
    }

    /// How it stands, in words that begin with `connecting`, `open`, `stands by`, `blocked`, `waiting` or `closed`.
    public var state: String {
        switch intake.state {
        case .connecting: return "connecting"
        case .blocked(let reason): return "blocked: \(reason)"
        case .waiting(_, let error, _):
            return error.code == .busy ? "stands by: another archiver is at work" : "waiting: \(error.message)"
        case .closed: return "closed"
        case .open:
            switch ears.state.withLock({ $0.voiceState }) {
            case .blocked(let reason): return "blocked: \(reason)"
            case .waiting(_, let error, _): return "waiting: publishers hear nothing: \(error.message)"
            default: return "open"
            }
        }
    }
}

extension Archiver.Ears.State {
    /// Once only.
    fileprivate mutating func giveUp(_ reason: AMQPError?) -> AMQPError? {
        guard let reason, !gaveUp, !isStopped else { return nil }
        gaveUp = true
        return reason
    }
}
