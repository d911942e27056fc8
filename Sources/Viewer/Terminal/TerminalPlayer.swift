import Capture
import EventSchema
import Glibc
import Model
import Replay

/// Plays a recording on a whole terminal, with every key of a player.
///
/// The terminal is given back as it was on every way out: the end, an error, a signal.
public struct TerminalPlayer {
    private var stage: Stage
    private var state: PlaybackState
    private var player: Player
    private let startTime: RecordTime?
    private let input: Descriptor
    private let output: Descriptor
    private let inColour: Bool
    private var keys = KeyReader()
    private var shown: Canvas?

    /// How often at most the picture changes.
    static let frame = Duration.milliseconds(16)
    static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J"
    static let leave = "\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// - Parameters:
    ///   - other: the map `i` changes to; usually the one without an idle limit.
    ///   - from: where to begin; nil: at the start.
    ///   - message: stands in the status line, such as how much of a day a fit shows.
    public init(
        of recording: Recording, activity: Activity, map: TimeMap, other: TimeMap? = nil, speed: Double = 1,
        from startTime: RecordTime? = nil, isPaused: Bool = false, pausesOnMarkers: Bool = false, message: String = "",
        clock: ClockFormat = ClockFormat(), input: Descriptor = .standardInput, output: Descriptor = .standardOutput,
        inColour: Bool = true
    ) {
        stage = Stage(of: recording, clock: clock)
        stage.message = Sanitize.line(message)
        state = PlaybackState(of: recording)
        player = Player(
            times: recording.events.map(\.time), shown: activity.entries.map(\.index), map: map, other: other,
            markers: Self.markers(of: recording), speed: speed, isPaused: isPaused, pausesOnMarkers: pausesOnMarkers,
            tick: .milliseconds(100))
        self.startTime = startTime
        self.input = input
        self.output = output
        self.inColour = inColour
    }

    /// Plays until the viewer quits. Blocks: call it on a thread of its own.
    ///
    /// - Returns: the number of the signal that ended it; nil if the viewer did.
    /// - Throws: `SystemError` if the terminal cannot be read or written.
    public mutating func run() throws(SystemError) -> CInt? {
        let signals = try SignalPipe([SIGINT, SIGTERM, SIGHUP, SIGWINCH])
        let mode = try RawMode(input)
        defer {
            try? output.writeAll(Array(Self.leave.utf8))
            mode.restore()
        }
        try output.writeAll(Array(Self.enter.utf8))
        let clock = ContinuousClock()
        let start = clock.now
        var actions = player.start(at: .zero, from: startTime)
        var buffer = [UInt8](repeating: 0, count: 1024)
        while true {
            let wakeAt = try perform(actions)
            let now = clock.now - start
            // A frame's rest is waited for even where more is due: nobody sees more.
            let wait = wakeAt.map { max($0 - now, Self.frame) }
            let ready = try Poller.wait(
                for: [.init(signals.descriptor, .readable), .init(input, .readable)], timeout: wait)
            for signal in try signals.take() {
                if signal != SIGWINCH { return signal }
                shown = nil
            }
            actions = player.wake(at: clock.now - start)
            guard ready.count == 2, !ready[1].isEmpty else { continue }
            guard case .bytes(let count) = try input.read(into: &buffer) else { return nil }
            for key in keys.feed(buffer[..<count]) {
                switch key {
                case .quit: return nil
                case .live: actions += player.handle(.seekToFraction(1), at: clock.now - start)
                case .help: stage.showsHelp.toggle()
                case .command(let command): actions += player.handle(command, at: clock.now - start)
                }
            }
        }
    }

    /// Applies what is due and draws once; gives when to come back.
    private mutating func perform(_ actions: [Player.Action]) throws(SystemError) -> Duration? {
        let wakeAt = state.carryOut(actions)
        let size = WindowSize(of: output) ?? .standard
        let canvas = stage.draw(state, player, columns: Int(size.columns), rows: Int(size.rows))
        let changes = canvas.changes(from: shown, inColour: inColour)
        shown = canvas
        // Synchronised, so that a terminal that knows it never shows half a picture.
        if !changes.isEmpty { try output.writeAll(Array("\u{1B}[?2026h\(changes)\u{1B}[?2026l".utf8)) }
        return wakeAt
    }

    /// Notes, markers, commands and saves are what one jumps to.
    static func markers(of recording: Recording) -> [RecordTime] {
        recording.events.compactMap { timed in
            switch timed.event.body {
            case .note, .marker, .commandStarted, .documentSaved, .commitMade: timed.time
            default: nil
            }
        }
    }
}
