import Capture
import EventSchema
import Glibc
import Replay

/// Shows live sessions on a whole terminal. Every key of the player works: going back leaves the live edge, playing on
/// or `l` comes back to it.
public struct LivePlayer {
    /// Where to begin.
    public enum Start: Sendable {
        case live
        /// In the past: cut to a length, or with idle time cut; then on to the live edge.
        case past(from: @Sendable (Recording) -> RecordTime, fit: Duration?)
    }

    private let feed: LiveFeed
    private let wantHistory: @Sendable () -> Void
    private let start: Start
    private let idleLimit: Duration?
    private let input: Descriptor
    private let output: Descriptor
    private let inColour: Bool
    private var stage: Stage
    private var live = LiveRecording()
    private var condition = LiveCondition(words: "connecting")
    private var keys = KeyReader()
    private var shown: Canvas?
    private var replay: LiveReplay?
    /// What was asked for and waits for the history.
    private var pending: Player.Command?
    private var asksHistory = false
    private var failure = ""

    /// - Parameters:
    ///   - wantHistory: called at most once at a time, when the viewer goes back; the feed brings `.history` or
    ///     `.failed`.
    public init(
        _ feed: LiveFeed, start: Start = .live, idleLimit: Duration? = .seconds(2), clock: ClockFormat = ClockFormat(),
        input: Descriptor = .standardInput, output: Descriptor = .standardOutput, inColour: Bool = true,
        wantHistory: @escaping @Sendable () -> Void
    ) {
        self.feed = feed
        self.start = start
        self.idleLimit = idleLimit
        self.input = input
        self.output = output
        self.inColour = inColour
        self.wantHistory = wantHistory
        stage = Stage(of: live.recording, clock: clock)
        if case .past = start { pending = .seekToFraction(0) }
    }

    /// Follows until the viewer quits or may not follow. Blocks: call it on a thread of its own.
    ///
    /// - Returns: the number of the signal that ended it; nil if the viewer did.
    /// - Throws: `SystemError` if the terminal cannot be read or written.
    public mutating func run() throws(SystemError) -> CInt? {
        let signals = try SignalPipe([SIGINT, SIGTERM, SIGHUP, SIGWINCH])
        let mode = try RawMode(input)
        defer {
            try? output.writeAll(Array(TerminalPlayer.leave.utf8))
            mode.restore()
        }
        try output.writeAll(Array(TerminalPlayer.enter.utf8))
        let clock = ContinuousClock()
        let began = clock.now
        var buffer = [UInt8](repeating: 0, count: 1024)
        var drawnAt = began - .seconds(1)
        while true {
            for update in feed.take() { take(update) }
            if condition.isRefused { return nil }
            begin(at: clock.now - began)
            let due = wake(at: clock.now - began)
            let wait = TerminalPlayer.frame - (clock.now - drawnAt)
            if wait <= .zero {
                try draw()
                drawnAt = clock.now
            }
            let until = min(
                wait > .zero ? wait : due ?? .seconds(60), due.map { max($0, TerminalPlayer.frame) } ?? .seconds(60))
            let ready = try Poller.wait(
                for: [
                    .init(signals.descriptor, .readable), .init(input, .readable), .init(feed.descriptor, .readable),
                ],
                timeout: until)
            for signal in try signals.take() {
                if signal != SIGWINCH { return signal }
                shown = nil
                drawnAt = began - .seconds(1)
            }
            guard ready.count == 3, !ready[1].isEmpty else { continue }
            guard case .bytes(let count) = try input.read(into: &buffer) else { return nil }
            for key in keys.feed(buffer[..<count]) {
                switch key {
                case .quit: return nil
                case .help: stage.showsHelp.toggle()
                case .live, .command(.seekToFraction(1)): (replay, pending, failure) = (nil, nil, "")
                case .command(let command): handle(command, at: clock.now - began)
                }
            }
            drawnAt = began - .seconds(1)
        }
    }

    // MARK: What happens

    private mutating func take(_ update: LiveUpdate) {
        switch update {
        case .condition(let now): condition = now
        case .failed(let words):
            (asksHistory, pending, failure) = (false, nil, words)
        case .history:
            live.take(update)
            asksHistory = false
        default: live.take(update)
        }
        switch update {
        case .source, .session, .history: stage.know(live.recording)
        default: break
        }
    }

    private mutating func handle(_ command: Player.Command, at now: Duration) {
        if replay != nil {
            replay?.handle(command, at: now)
            return
        }
        switch command {
        case .togglePause, .pause, .seekBy, .seekByFraction, .seekToFraction, .seek, .step, .previousMarker:
            failure = ""
            pending = command
        default: break
        }
    }

    /// Leaves the live edge for what was asked, once there is a history to go back in.
    private mutating func begin(at now: Duration) {
        guard let command = pending else { return }
        guard live.hasHistory else {
            if !asksHistory, condition.isLive || condition.isOver {
                asksHistory = true
                wantHistory()
            }
            return
        }
        pending = nil
        guard !live.recording.isEmpty else { return }
        if case .past(let from, let fit) = start, replay == nil, command == .seekToFraction(0), !wentLive {
            replay = LiveReplay(
                of: live, from: from(live.recording), fit: fit, idleLimit: idleLimit, at: now)
        } else {
            replay = LiveReplay(of: live, idleLimit: idleLimit, at: now)
            replay?.handle(command, at: now)
        }
        wentLive = true
    }

    /// Whether the start in the past has been made.
    private var wentLive = false

    /// Plays on; gives how long nothing is due.
    private mutating func wake(at now: Duration) -> Duration? {
        guard var playing = replay else { return nil }
        replay = nil
        let due = playing.wake(at: now)
        if playing.hasCaughtUp(with: live, at: now) { return nil }
        replay = playing
        return due
    }

    // MARK: Drawing

    private mutating func draw() throws(SystemError) {
        let size = WindowSize(of: output) ?? .standard
        let canvas: Canvas
        if let replay {
            stage.message = replay.words(behind: live, stage.clock)
            canvas = stage.draw(replay.state, replay.player, columns: Int(size.columns), rows: Int(size.rows))
        } else {
            var words = condition.words
            if asksHistory || pending != nil { words = "fetching what was before" }
            if !failure.isEmpty { words = failure }
            canvas = stage.drawLive(
                live.playback, isLive: condition.isLive, isOver: condition.isOver, words: words,
                columns: Int(size.columns), rows: Int(size.rows))
        }
        let changes = canvas.changes(from: shown, inColour: inColour)
        shown = canvas
        if !changes.isEmpty { try output.writeAll(Array("\u{1B}[?2026h\(changes)\u{1B}[?2026l".utf8)) }
    }
}
