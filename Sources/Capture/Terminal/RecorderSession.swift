import EventSchema
import Foundation
import Glibc

/// One run of a `TerminalRecorder`: waits for keys, output, signals and the end, and passes each on.
final class RecorderSession {
    private let options: RecorderOptions
    private let control: RecorderControl
    private let sink: any EventSink
    private let clock: RecordClock
    private let pty: PseudoTerminal
    private let child: ChildProcess
    private let signals: SignalPipe
    private let rawMode: RawMode?
    private var marks: ShellMarks
    private var stream: TerminalStream
    private var feeder: InputFeeder
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    private var output: Descriptor?
    /// No program has the terminal open for the moment.
    private var isIdle = false
    private var killTime: ContinuousClock.Instant?

    /// How long bytes are held back that may become a mark of ours.
    private static let longestHold = Duration.milliseconds(50)
    /// How long the end is waited for when something in the background keeps the terminal open.
    private static let quietEnd = Duration.milliseconds(200)
    private static let longestEnd = Duration.seconds(2)

    init(
        _ options: RecorderOptions, control: RecorderControl, sink: any EventSink, clock: RecordClock
    ) throws(SystemError) {
        self.options = options
        self.control = control
        self.sink = sink
        self.clock = clock
        output = options.output
        let size = options.size ?? options.output.flatMap { WindowSize(of: $0) } ?? .standard
        let launch = options.launch
        let directory = launch.directory ?? FileManager.default.currentDirectoryPath
        let tracker = CommandTracker(
            terminal: options.terminal, directory: Array(directory.utf8), host: options.host, user: options.user,
            readsForeignMarks: options.command == nil)
        marks = ShellMarks(nonce: options.nonce)
        stream = TerminalStream(
            terminal: options.terminal, size: size, tracker: tracker, limit: options.outputLimit)
        pty = try PseudoTerminal(size: size)
        signals = try SignalPipe([SIGWINCH, SIGTERM, SIGHUP, SIGINT])
        child = try pty.spawn(launch)
        feeder = InputFeeder(options.input, typesEnd: options.headless)
        if !options.headless, let input = options.input, input.isTerminal {
            rawMode = try RawMode(input)
        } else {
            rawMode = nil
        }
        tellOpened(size, directory)
    }

    deinit { if child.status == nil { child.send(SIGHUP) } }

    private func tellOpened(_ size: WindowSize, _ directory: String) {
        var opened = TerminalOpened()
        opened.terminal = options.terminal
        opened.columns = UInt32(size.columns)
        opened.rows = UInt32(size.rows)
        opened.term = options.launch.environment["TERM"] ?? ""
        opened.command = options.launch.arguments.map { Data(SecretMask.masked(Array($0.utf8))) }
        opened.directory = Data(directory.utf8)
        opened.shell = options.shell
        opened.title = options.title
        let now = clock.now
        sink.record(.terminalOpened(opened), at: now)
        if let command = options.command {
            send(stream.start(command: Array(command.utf8), shell: options.shell, at: now))
        }
    }

    func run() throws(SystemError) -> ProcessStatus {
        defer { rawMode?.restore() }
        while child.status == nil { try turn() }
        try drain()
        record(marks.finish(), at: clock.now)
        let status = try child.wait()
        send(stream.exit(status, at: clock.now))
        return status
    }

    private func send(_ events: [TerminalStream.Stamped]) {
        for event in events { sink.record(event.body, at: event.time) }
    }

    // MARK: waiting

    /// Waits once and passes on what came.
    private func turn() throws(SystemError) {
        var interests = [
            Poller.Interest(signals.descriptor, .readable), .init(control.descriptor, .readable),
            .init(child.ended, .readable),
        ]
        let pending = feeder.hasPending
        let master = interests.count
        if !isIdle || pending { interests.append(.init(pty.master, pending ? [.readable, .writable] : .readable)) }
        let keys = interests.count
        if let input = feeder.waitsFor { interests.append(.init(input, .readable)) }
        let events = try Poller.wait(for: interests, timeout: timeout)

        if !events[0].isEmpty { try takeSignals() }
        if !events[1].isEmpty { takeRequests() }
        if keys > master, !events[master].isEmpty {
            if events[master].contains(.writable) { try feeder.write(to: pty.master) }
            if !events[master].subtracting(.writable).isEmpty { isIdle = try !passOutput() }
        } else {
            isIdle = false
            if marks.holdsBack { show(marks.flush(), at: clock.now) }
        }
        if interests.count > keys, !events[keys].isEmpty { try takeKeys() }
        try feeder.typeEnd(into: pty)
        if let killTime, killTime <= .now {
            child.send(SIGKILL)
            self.killTime = nil
        }
    }

    private var timeout: Duration? {
        var limits: [Duration] = []
        if marks.holdsBack { limits.append(Self.longestHold) }
        if isIdle { limits.append(.milliseconds(20)) }
        if let killTime { limits.append(max(.zero, killTime - .now)) }
        if let end = feeder.nextEnd { limits.append(max(.zero, end - .now)) }
        return limits.min()
    }

    // MARK: output

    /// Reads, shows and records what is there, at most one buffer; false if the terminal is at its end for now.
    private func passOutput() throws(SystemError) -> Bool {
        switch try pty.read(into: &buffer) {
        case .bytes(let count):
            let time = clock.now
            show(marks.parse(Array(buffer[..<count])[...]), at: time)
            return true
        case .nothingYet: return true
        case .end: return false
        }
    }

    private func show(_ segments: [ShellMarks.Segment], at time: RecordTime) {
        // In one write: coloured output comes as many segments, for any escape may have become a mark.
        var shown: [UInt8] = []
        for case .output(let bytes) in segments { shown += bytes }
        write(shown[...])
        record(segments, at: time)
    }

    private func record(_ segments: [ShellMarks.Segment], at time: RecordTime) {
        if !segments.isEmpty { send(stream.record(segments, at: time)) }
    }

    /// A person's terminal that is gone ends the showing, not the recording.
    private func write(_ bytes: ArraySlice<UInt8>) {
        do { try output?.writeAll(bytes) } catch { output = nil }
    }

    /// After the program's end: everything it wrote, to the last byte. Where something in the background keeps the
    /// terminal open there is no end to read, so a silence counts as one.
    private func drain() throws(SystemError) {
        let deadline = ContinuousClock.now + Self.longestEnd
        while try passOutput(), .now < deadline {
            let events = try Poller.wait(for: [.init(pty.master, .readable)], timeout: Self.quietEnd)
            if events[0].isEmpty { break }
        }
    }

    // MARK: keys, signals, requests

    private func takeKeys() throws(SystemError) {
        let typed = feeder.read()
        if typed.isEmpty { return }
        let time = clock.now
        if !options.headless, let key = options.pauseKey, typed.allSatisfy({ $0 == key }) {
            for _ in typed { togglePause(at: time) }
            return
        }
        // A program that hides a line is asking for a password.
        if options.capturesInput, let mode = try? TerminalMode(of: pty.master), !mode.hidesInput {
            send(stream.typed(typed[...], at: time))
        }
        feeder.queue(typed)
        try feeder.write(to: pty.master)
    }

    private func togglePause(at time: RecordTime) {
        if stream.isPaused {
            send(stream.resume(at: time))
            notify("recording")
        } else {
            send(stream.pause(reason: "key", at: time))
            notify("paused")
        }
    }

    /// Tells the person without touching the screen: a desktop notification (OSC 9) where the terminal has them.
    private func notify(_ state: String) {
        let plain = (options.launch.environment["TERM"] ?? "").hasPrefix("linux")
        write(Array((plain ? "\u{7}" : "\u{1b}]9;playhead: \(state)\u{7}").utf8)[...])
    }

    private func takeRequests() {
        for request in control.take() {
            switch request {
            case .pause(let reason): send(stream.pause(reason: reason, at: clock.now))
            case .resume: send(stream.resume(at: clock.now))
            case .repeatState: send(stream.repeatState(at: clock.now))
            case .stop: hangUp()
            }
        }
    }

    private func takeSignals() throws(SystemError) {
        for signal in try signals.take() {
            switch signal {
            case SIGWINCH: try resize()
            case SIGINT: pty.signalForeground(SIGINT)
            default: hangUp()
            }
        }
    }

    private func resize() throws(SystemError) {
        guard !options.headless, options.size == nil, let output, let size = WindowSize(of: output) else { return }
        if size == WindowSize(of: pty.master) { return }
        let time = clock.now
        try size.apply(to: pty.master)
        send(stream.resize(size, at: time))
    }

    private func hangUp() {
        pty.signalForeground(SIGHUP)
        child.send(SIGHUP)
        killTime = .now + .seconds(2)
    }
}
