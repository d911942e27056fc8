import Capture
import EventSchema
import Foundation
import Replay
import Viewer

/// Follows as lines of text or JSON on standard output: what happened, as it happens.
struct FollowText {
    let line: FollowLine
    let output: Output
    let inColour: Bool
    /// Where to begin; nil: now.
    let from: (@Sendable (Recording) throws -> RecordTime)?

    /// How long the archive may be silent, once all is over, before what it still has is given up.
    private static let lateTime = Duration.seconds(30)

    private var narrator = LiveNarrator()
    private var recording = LiveRecording()
    private var owners: [SourceID: SourceInfo] = [:]
    private var condition = LiveCondition()
    private var said = ""
    /// What has come while the beginning is still fetched.
    private var waiting: [LiveUpdate] = []
    private var isWaiting: Bool
    private var asked = false

    init(
        _ line: FollowLine, output: Output, inColour: Bool, from: (@Sendable (Recording) throws -> RecordTime)?
    ) {
        self.line = line
        self.output = output
        self.inColour = inColour
        self.from = from
        isWaiting = from != nil
    }

    /// Follows until a signal comes or every session followed has ended. Blocks.
    ///
    /// - Returns: whether a signal ended it.
    mutating func run() throws -> Bool {
        let signals = try SignalPipe([SIGINT, SIGTERM])
        var lastAt = ContinuousClock.now
        while true {
            let updates = line.feed.take()
            if !updates.isEmpty { lastAt = .now }
            for update in updates { try take(update) }
            if !output.isJSON, ContinuousClock.now - lastAt >= LiveNarrator.burstPause { tell(narrator.pause()) }
            if condition.isRefused { return false }
            if condition.isOver, condition.isLive, !isWaiting, !awaitsMore(since: lastAt) {
                tell(narrator.pause())
                output.message("the session has ended")
                return false
            }
            _ = try Poller.wait(
                for: [.init(signals.descriptor, .readable), .init(line.feed.descriptor, .readable)],
                timeout: .milliseconds(500))
            if try !signals.take().isEmpty {
                tell(narrator.pause())
                return true
            }
        }
    }

    /// Whether a reader of every event is still to get some that a state stepped over while no archive answered.
    private func awaitsMore(since lastAt: ContinuousClock.Instant) -> Bool {
        guard output.isJSON, condition.late > 0 else { return false }
        if ContinuousClock.now - lastAt < Self.lateTime { return true }
        output.message(
            "playhead: \(condition.late) batches did not come from the archive; "
                + "`playhead cat` has them once it answers")
        return false
    }

    private mutating func take(_ update: LiveUpdate) throws {
        switch update {
        case .source(let source):
            owners[source.id] = source
            recording.take(source)
            narrator.take(source)
        case .session(let session):
            recording.take(session)
            narrator.take(session)
        case .condition(let now):
            condition = now
            // A short hole is filled before a person has read of it.
            let isWorthSaying = now.words != "joining" && !now.words.hasSuffix("batches behind")
            if now.words != said, isWorthSaying {
                said = now.words
                if !said.isEmpty { output.message("playhead: \(said)") }
            }
            if isWaiting, now.isLive || now.isOver, !asked {
                asked = true
                line.wantHistory()
            }
        case .failed(let words): throw CommandFailure(.unreachable, words)
        case .history(let events): try begin(with: events)
        case .state, .events, .late:
            if isWaiting { waiting.append(update) } else { show(update) }
        }
    }

    /// Tells what lay before, from the moment asked for on, and then what came meanwhile.
    private mutating func begin(with history: [TimedEvent]) throws {
        guard isWaiting else { return }
        isWaiting = false
        recording.take(history: history)
        let time = try from?(recording.recording) ?? .distantPast
        let first = history.firstIndex { $0.time >= time } ?? history.count
        if output.isJSON {
            show(.events(Array(history[first...])))
        } else {
            _ = narrator.take(Array(history[..<first]))
            tell(narrator.take(Array(history[first...])))
        }
        for update in waiting {
            // The events before it are known here: the state follows from them.
            if case .state = update { continue }
            show(update)
        }
        waiting = []
    }

    private mutating func show(_ update: LiveUpdate) {
        switch update {
        case .state(let model): if !output.isJSON { narrator.take(model) }
        case .events(let events) where output.isJSON: write(events, isLate: false)
        case .events(let events): tell(narrator.take(events))
        case .late(let events): if output.isJSON { write(events, isLate: true) }
        default: break
        }
    }

    private func write(_ events: [TimedEvent], isLate: Bool) {
        var text = ""
        for timed in events {
            guard let owner = owners[timed.address.source] else { continue }
            var json = EventJSON.encode(timed, session: owner.session, user: owner.user)
            if isLate, case .object(let members) = json { json = .object(members + [(key: "late", value: true)]) }
            text += json.encoded + "\n"
        }
        output.result(text)
    }

    private func tell(_ lines: [StyledLine]) {
        guard !lines.isEmpty, !output.isJSON else { return }
        output.result(lines.map { $0.rendered(inColour: inColour) + "\n" }.joined())
    }
}
