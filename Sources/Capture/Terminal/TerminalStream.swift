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
    /// The screen as it was when the pause began.
    private var shown: Screen?
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

    var isPaused: Bool { shown != nil }

    mutating func record(_ segments: [ShellMarks.Segment], at time: RecordTime) -> [Stamped] {
        var run: [UInt8] = []
        for segment in segments {
            switch segment {
            case .output(let bytes):
                var masked = mask.mask(bytes)
                typedLine.mask(&masked)
                run += masked
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
        shown = screen
        var event = Paused()
        event.reason = reason
        events.append((.paused(event), time.wholeMilliseconds))
        return take()
    }

    /// Tells how much was withheld and draws the screen with the cursor where it is now, so that what follows falls on
    /// its place; rows that came in the pause stay blank.
    mutating func resume(at time: RecordTime) -> [Stamped] {
        guard let shown else { return [] }
        self.shown = nil
        let redraws = withheld > 0 || resizedInPause
        tellWithheld(at: time)
        resizedInPause = false
        events.append((.resumed(Resumed()), time.wholeMilliseconds))
        if redraws {
            let fresh = Array("\u{1B}c".utf8) + screen.withholding(rowsNotIn: shown).redraw()
            // From here on what the recorder knows is what a viewer sees.
            screen = Screen(columns: screen.columns, rows: screen.rows, scrollbackLimit: 0)
            screen.feed(fresh)
            emit(fresh[...], at: time, synthetic: true)
        }
        return take()
    }

    /// Tells the size again, for those who have not heard of the terminal, and what a full-screen program shows; nothing
    /// else of what is on the screen, for it is older.
    mutating func repeatState(at time: RecordTime) -> [Stamped] {
        if isPaused { return [] }
        endBudget(at: time)
        var event = TerminalResized()
        event.terminal = terminal
        event.columns = UInt32(clamping: screen.columns)
        event.rows = UInt32(clamping: screen.rows)
        events.append((.terminalResized(event), time))
        if screen.isAlternate { emit(screen.redraw()[...], at: time, synthetic: true) }
        return take()
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
