import EventSchema
import Model
import Replay

extension Stage {
    /// The picture of a live session now.
    ///
    /// - Parameter words: what is missing and why, or anything else the viewer should know.
    mutating func drawLive(
        _ state: PlaybackState, isLive: Bool, isOver: Bool, words: String, columns: Int, rows: Int
    ) -> Canvas {
        var canvas = Canvas(columns: columns, rows: rows)
        if rows >= 4 {
            drawWork(state, on: &canvas)
            if showsHelp { drawHelp(on: &canvas) }
            for column in 0..<columns { canvas.put("━", row: rows - 2, column: column, style: Self.faint) }
        }
        let mark = isOver ? "■ ENDED" : isLive ? "● LIVE" : "○ behind"
        var parts = [mark]
        if let time = state.recording.events.last?.time { parts.append(clock.second(time)) }
        let people = Set(state.recording.sources.map(\.user)).sorted().map { "@" + Sanitize.line($0) }
        if !people.isEmpty { parts.append(people.joined(separator: " ")) }
        if !title.isEmpty { parts.append(title) }
        if !words.isEmpty { parts.append(Sanitize.line(words)) }
        let hint = "← back   ? help"
        let room = max(0, columns - TextWidth.of(hint) - 3)
        canvas.fill(row: rows - 1, from: 0, to: columns, style: Self.bar)
        canvas.put(
            " " + TextWidth.clipped(parts.joined(separator: "   "), to: room), row: rows - 1, column: 0, style: Self.bar
        )
        canvas.put(hint, row: rows - 1, column: max(0, columns - TextWidth.of(hint) - 1), style: Self.bar)
        return canvas
    }
}
