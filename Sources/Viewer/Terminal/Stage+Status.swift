import EventSchema
import Model
import Replay

extension Stage {
    /// A card over the picture while a cut is passed.
    func drawCard(_ player: Player, on canvas: inout Canvas) {
        guard let stretch = player.map.stretch(at: player.position), stretch.kind == .cut, !player.isAtEnd else {
            return
        }
        let span = DurationText.words(stretch.record.upperBound - stretch.record.lowerBound)
        var lines = ["\(span) away"]
        let to = stretch.record.upperBound
        lines.append(
            clock.sameDay(stretch.record.lowerBound, to) ? clock.minute(to) : "\(clock.day(to)), \(clock.minute(to))")
        drawBox(lines, on: &canvas)
    }

    func drawHelp(on canvas: inout Canvas) {
        drawBox(
            [
                "Space          pause, go on", "Left Right     5 s back, on", "Shift + those  10 % back, on",
                "Down Up        1 min back, on", "PgDn PgUp      10 min back, on", "0 … 9          to 0 % … 90 %",
                ", .            one event back, on", "[ ]            marker before, next",
                "+ - Backspace  faster, slower, 1x",
                "i              idle time cut, kept", "g G Home End   to the start, the end",
                "l              to the end; back to live", "q              quit",
            ], on: &canvas)
    }

    private func drawBox(_ lines: [String], on canvas: inout Canvas) {
        let width = min((lines.map(TextWidth.of).max() ?? 0) + 4, canvas.columns)
        let left = max(0, (canvas.columns - width) / 2)
        let top = max(0, (canvas.rows - 2 - lines.count - 2) / 2)
        for row in 0..<(lines.count + 2) {
            canvas.fill(row: top + row, from: left, to: left + width, style: Self.bar)
            guard row > 0, row <= lines.count else { continue }
            canvas.put(lines[row - 1], row: top + row, column: left + 2, width: width - 4, style: Self.bar)
        }
    }

    /// A line as long as the playback: what is shown, what is to come, and where time was taken out.
    func drawProgress(_ player: Player, on canvas: inout Canvas) {
        let row = canvas.rows - 2
        let total = max(player.map.total.seconds, 1e-6)
        func column(_ span: Duration) -> Int {
            min(Int(span.seconds / total * Double(canvas.columns)), canvas.columns - 1)
        }
        let shown = column(player.position)
        for at in 0..<canvas.columns {
            canvas.put(at <= shown ? "━" : "─", row: row, column: at, style: at <= shown ? ScreenStyle() : Self.faint)
        }
        for gap in player.map.gaps {
            let at = column(gap.play.lowerBound)
            canvas.put(
                gap.kind == .capped ? "┄" : "╱", row: row, column: at, style: at <= shown ? ScreenStyle() : Self.faint)
        }
    }

    /// `▶ 0:07 of 0:09   Mon 14 Sep 18:38:07   1x   idle cut`
    func drawStatus(_ player: Player, on canvas: inout Canvas) {
        let row = canvas.rows - 1
        let mark = player.isAtEnd ? "■" : player.isPaused ? "‖" : "▶"
        let time = player.recordTime
        var parts = ["\(mark) \(DurationText.clock(player.position)) of \(DurationText.clock(player.map.total))"]
        parts.append("\(clock.day(time)) \(clock.second(time))")
        parts.append(Self.speed(player.speed))
        switch player.map.stretch(at: player.position) {
        case let stretch? where stretch.kind == .capped:
            parts.append("idle " + DurationText.words(stretch.record.upperBound - stretch.record.lowerBound))
        case let stretch? where stretch.kind == .condensed:
            parts.append(
                (stretch.factor ?? 1) >= 1.5 ? "scene at \(Self.speed((stretch.factor ?? 1).rounded()))" : "scene")
        default: parts.append(player.usesOther ? "idle kept" : "idle cut")
        }
        if !title.isEmpty { parts.append(title) }
        let hint = message.isEmpty ? (player.isAtEnd ? "Space again  q quit" : "? help") : message
        let room = canvas.columns - TextWidth.of(hint) - 3
        canvas.fill(row: row, from: 0, to: canvas.columns, style: Self.bar)
        canvas.put(
            " " + TextWidth.clipped(parts.joined(separator: "   "), to: room), row: row, column: 0, style: Self.bar)
        canvas.put(hint, row: row, column: max(0, canvas.columns - TextWidth.of(hint) - 1), style: Self.bar)
    }

    static func speed(_ speed: Double) -> String {
        speed == speed.rounded()
            ? "\(Int(speed))x" : speed >= 0.1 ? "\((speed * 100).rounded() / 100)x" : "1/\(Int((1 / speed).rounded()))x"
    }
}
