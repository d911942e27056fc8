import EventSchema
import Foundation
import Model

/// Makes events of what goes through one terminal: masked output within its budget, commands, sizes, pauses.
///
/// A plain value: bytes, marks and times in, events out.
struct TerminalStream: Sendable {
    typealias Stamped = (body: Event.OneOf_Body, time: RecordTime)

    private let terminal: UInt32
    private var tracker: CommandTracker
    private var mask = SecretMask()
    private var inputMask = SecretMask()
    private var budget: OutputBudget
    /// The screen after all that was recorded or left out, without what the budget still holds.
    private var screen: Screen
    /// Bytes of recorded output, synthetic ones included.
    private var offset: UInt64 = 0
    private(set) var isPaused = false
    private var withheld: UInt64 = 0
    private var resizedInPause = false
    private var typedLine = TypedLine()
    private var events: [Stamped] = []

    init(terminal: UInt32, size: WindowSize, tracker: CommandTracker, limit: OutputBudget.Limit?) {
        self.terminal = terminal
        self.tracker = tracker
        budget = OutputBudget(limit)
        screen = Screen(columns: Int(size.columns), rows: Int(size.rows), scrollbackLimit: 0)
    }

    mutating func record(_ segments: [ShellMarks.Segment], at time: RecordTime) -> [Stamped] {
        var run: [UInt8] = []
        for segment in segments {
            switch segment {
            case .output(let bytes):
                var masked = mask.mask(bytes)
                typedLine.mask(&masked)
                run = run.isEmpty ? masked : run + masked
            case .mark(let mark):
                output(run[...], at: time)
                run.removeAll()
                let before = offset &+ UInt64(budget.held)
                let bodies = tracker.take(
                    mark, at: time, offset: before, recorded: !isPaused, typedSpaceFirst: typedLine.beginsWithSpace)
                typedLine.take(mark)
                if bodies.isEmpty { continue }
                endBudget(at: time)
                events += bodies.map { ($0, time.wholeMilliseconds) }
            }
        }
        output(run[...], at: time)
        return take()
    }

    mutating func start(command: [UInt8], shell: String, at time: RecordTime) -> [Stamped] {
        events += tracker.startMain(command, shell: shell, at: time).map {
            ($0, time.wholeMilliseconds)
        }
        return take()
    }

    mutating func resize(_ size: WindowSize, at time: RecordTime) -> [Stamped] {
        screen.resize(columns: Int(size.columns), rows: Int(size.rows))
        resizedInPause = isPaused
        var event = TerminalResized()
        event.terminal = terminal
        event.columns = UInt32(size.columns)
        event.rows = UInt32(size.rows)
        events.append((.terminalResized(event), time))
        return take()
    }

    mutating func typed(_ bytes: ArraySlice<UInt8>, at time: RecordTime) -> [Stamped] {
        if isPaused { return [] }
        let masked = inputMask.mask(bytes)
        for data in Self.portions(masked[...]) {
            var event = TerminalInput()
            event.terminal = terminal
            event.data = data
            events.append((.terminalInput(event), time))
        }
        return take()
    }

    mutating func pause(reason: String, at time: RecordTime) -> [Stamped] {
        if isPaused { return [] }
        endBudget(at: time)
        isPaused = true
        var event = Paused()
        event.reason = reason
        events.append((.paused(event), time.wholeMilliseconds))
        return take()
    }

    /// Tells how much was withheld and begins an empty screen with cursor and modes as they are now, so that what
    /// follows falls on the right place and nothing of the pause is seen.
    mutating func resume(at time: RecordTime) -> [Stamped] {
        guard isPaused else { return [] }
        isPaused = false
        let redraws = withheld > 0 || resizedInPause
        tellWithheld(at: time)
        resizedInPause = false
        events.append((.resumed(Resumed()), time.wholeMilliseconds))
        if redraws { emit(emptied()[...], at: time, synthetic: true) }
        return take()
    }

    /// Takes the text off both screens; the bytes that do the same to a viewer's.
    private mutating func emptied() -> [UInt8] {
        let erase = Array("\u{1B}[2J".utf8)
        screen.feed(erase[...])
        if screen.isAlternate { screen.feed(Array("\u{1B}[?47l\u{1B}[2J\u{1B}[?47h".utf8)[...]) }
        let leave = screen.isAlternate ? [] : Array("\u{1B}[?47l".utf8)
        return leave + erase + screen.redraw()
    }

    mutating func exit(_ status: ProcessStatus, at time: RecordTime) -> [Stamped] {
        endBudget(at: time)
        tellWithheld(at: time)
        let ended = tracker.finish(
            status: status.shellStatus, at: time, offset: offset, recorded: !isPaused)
        events += ended.map { ($0, time.wholeMilliseconds) }
        var event = TerminalExited()
        event.terminal = terminal
        switch status {
        case .exited(let status): event.status = UInt32(status)
        case .signalled(let signal): event.signal = UInt32(max(0, signal))
        }
        events.append((.terminalExited(event), time))
        return take()
    }

    // MARK: parts

    private mutating func take() -> [Stamped] {
        defer { events = [] }
        return events
    }

    private mutating func output(_ bytes: ArraySlice<UInt8>, at time: RecordTime) {
        if bytes.isEmpty { return }
        if isPaused {
            withheld &+= UInt64(bytes.count)
            screen.feed(bytes)
            return
        }
        let (record, drop) = budget.add(.init(bytes, at: time))
        screen.feed(record)
        emit(record, at: time)
        for bytes in drop { screen.feed(bytes) }
    }

    private mutating func endBudget(at time: RecordTime) {
        let (gap, tail) = budget.end()
        if let gap {
            let (pieces, content) = ContentPieces.make(Data(screen.encoded()))
            var event = Gap()
            event.reason = .outputLimit
            event.bytes = gap.bytes
            event.terminal = terminal
            event.screen = content
            events += pieces.compactMap { piece in piece.body.map { ($0, gap.since) } }
            events.append((.gap(event), gap.since))
        }
        for stretch in tail {
            screen.feed(stretch.bytes)
            emit(stretch.bytes, at: stretch.time)
        }
    }

    private mutating func tellWithheld(at time: RecordTime) {
        if withheld == 0 { return }
        var event = Gap()
        event.reason = .withheld
        event.bytes = withheld
        event.terminal = terminal
        events.append((.gap(event), time))
        withheld = 0
    }

    private mutating func emit(_ bytes: ArraySlice<UInt8>, at time: RecordTime, synthetic: Bool = false) {
        for data in Self.portions(bytes) {
            var event = TerminalOutput()
            event.terminal = terminal
            event.data = data
            event.synthetic = synthetic
            events.append((.terminalOutput(event), time))
            offset &+= UInt64(data.count)
        }
    }

    private static func portions(_ bytes: ArraySlice<UInt8>) -> [Data] {
        stride(from: bytes.startIndex, to: bytes.endIndex, by: BatchCodec.largestEvent).map {
            Data(bytes[$0..<min($0 + BatchCodec.largestEvent, bytes.endIndex)])
        }
    }
}
