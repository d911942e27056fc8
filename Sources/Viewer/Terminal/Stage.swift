import EventSchema
import Model
import Replay

/// Draws a moment of a playback: the focused file beside or above the terminal, a progress bar and a status line.
public struct Stage: Sendable {
    private(set) var names: SourceNames
    let clock: ClockFormat
    private(set) var title = ""
    /// The first line shown of each document, so that the view stays where it is while it can.
    var tops: [Activity.Subject: Int] = [:]
    public var showsHelp = false
    /// What is said at the end of the status line instead of the hint for help.
    public var message = ""

    static let wide = 110
    static let tall = 20
    static let faint: ScreenStyle = {
        var style = ScreenStyle()
        style.dim = true
        return style
    }()
    static let bar: ScreenStyle = {
        var style = ScreenStyle()
        style.inverse = true
        return style
    }()

    public init(of recording: Recording, clock: ClockFormat = ClockFormat()) {
        names = SourceNames(of: recording)
        self.clock = clock
        know(recording)
    }

    /// Sessions and sources that are known by now.
    mutating func know(_ recording: Recording) {
        names = SourceNames(of: recording)
        let newest = recording.sessions.last
        title = Sanitize.line(
            [newest?.workspaceName, newest?.title].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " / "))
    }

    /// The picture of a state.
    public mutating func draw(_ state: PlaybackState, _ player: Player, columns: Int, rows: Int) -> Canvas {
        var canvas = Canvas(columns: columns, rows: rows)
        if rows >= 4 {
            drawWork(state, on: &canvas)
            drawCard(player, on: &canvas)
            if showsHelp { drawHelp(on: &canvas) }
            drawProgress(player, on: &canvas)
        }
        drawStatus(player, on: &canvas)
        return canvas
    }

    /// The file and the terminal that are worked in, above the two lines at the bottom.
    mutating func drawWork(_ state: PlaybackState, on canvas: inout Canvas) {
        let (height, columns) = (canvas.rows - 2, canvas.columns)
        let document = state.document.flatMap { subject in state.document(subject).map { (subject, $0) } }
        let terminal = state.terminal.flatMap { subject in state.terminal(subject).map { (subject, $0) } }
        // An editor recorded through its terminal as well is shown as an editor.
        let hidesTerminal = document != nil && terminal?.1.screen?.isAlternate == true
        let whole = Frame(row: 0, column: 0, rows: height, columns: columns)
        switch (document, hidesTerminal ? nil : terminal) {
        case (let document?, let terminal?):
            let isWide = Self.fitsBeside(terminal.1, in: whole)
            let (first, second) = isWide ? whole.sideBySide : whole.stacked
            drawDocument(document.1, document.0, in: first, isFocused: state.place == document.0, on: &canvas)
            drawTerminal(terminal.1, terminal.0, in: second, isFocused: state.place == terminal.0, on: &canvas)
            if isWide {
                for row in 0..<height { canvas.put("│", row: row, column: second.column - 1, style: Self.faint) }
            }
        case (let document?, nil): drawDocument(document.1, document.0, in: whole, isFocused: true, on: &canvas)
        case (nil, let terminal?): drawTerminal(terminal.1, terminal.0, in: whole, isFocused: true, on: &canvas)
        case (nil, nil): canvas.put(title, row: height / 2, column: max(0, (columns - TextWidth.of(title)) / 2))
        }
    }

    /// Whether the terminal stands beside the file: below it, where its lines would be cut and there is height for both.
    private static func fitsBeside(_ terminal: TerminalModel, in whole: Frame) -> Bool {
        guard whole.columns >= wide else { return false }
        return (terminal.screen?.columns ?? 0) <= whole.sideBySide.1.columns || whole.rows < tall
    }

    /// A part of the picture.
    struct Frame {
        var row: Int
        var column: Int
        var rows: Int
        var columns: Int

        var sideBySide: (Frame, Frame) {
            let left = columns * 11 / 20
            return (
                Frame(row: row, column: column, rows: rows, columns: left - 1),
                Frame(row: row, column: column + left, rows: rows, columns: columns - left)
            )
        }

        var stacked: (Frame, Frame) {
            let upper = max(rows * 3 / 5, 1)
            return (
                Frame(row: row, column: column, rows: upper, columns: columns),
                Frame(row: row + upper, column: column, rows: rows - upper, columns: columns)
            )
        }
    }

    func drawHeader(_ text: String, in frame: Frame, isFocused: Bool, on canvas: inout Canvas) {
        var style = Self.bar
        style.dim = !isFocused
        style.bold = isFocused
        canvas.fill(row: frame.row, from: frame.column, to: frame.column + frame.columns, style: style)
        canvas.put(
            " " + TextWidth.clipped(text, to: frame.columns - 2), row: frame.row, column: frame.column,
            width: frame.columns, style: style)
    }

    private func drawTerminal(
        _ terminal: TerminalModel, _ subject: Activity.Subject, in frame: Frame, isFocused: Bool,
        on canvas: inout Canvas
    ) {
        let running = terminal.running.map { "$ " + Sanitize.line($0.command.text.prefix(200)) } ?? "terminal"
        drawHeader(names.person(of: subject.source) + running, in: frame, isFocused: isFocused, on: &canvas)
        guard let screen = terminal.screen else { return }
        let height = frame.rows - 1
        var last = screen.cursor.row
        for row in stride(from: screen.rows - 1, to: last, by: -1) where !screen.text(row: row).isEmpty {
            last = row
            break
        }
        let first = max(0, last - height + 1)
        for row in 0..<max(height, 0) where first + row < screen.rows {
            let cells = screen.line(first + row)
            for (column, cell) in cells.prefix(frame.columns).enumerated() {
                guard column + cell.width <= frame.columns else { break }
                canvas[frame.row + 1 + row, frame.column + column] = cell
            }
        }
        let cursor = (row: screen.cursor.row - first, column: screen.cursor.column)
        if screen.cursor.isVisible, cursor.row >= 0, cursor.row < height, cursor.column < frame.columns {
            canvas[frame.row + 1 + cursor.row, frame.column + cursor.column].style.inverse = true
        }
    }
}
