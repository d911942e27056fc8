/// One subject of the table: what is measured, beside what, and the goal.
protocol Row {
    var name: String { get }
    var title: String { get }
    var goal: String { get }
    /// Measures ours and its peers, in this run, on the same data.
    func measure(_ lab: Lab) throws -> [Line]
}

/// Why there is no figure.
struct NotMeasured: Error {
    var reason: String
    /// True where the run as it was asked for cannot have it, such as a small run without the open recordings.
    var expected = false
}

/// One measured figure.
struct Figure {
    var value: Double
    var unit: String

    var text: String { "\(Figure.short(value)) \(unit)" }

    /// Three significant digits, without an exponent.
    static func short(_ value: Double) -> String {
        guard value.isFinite, value > 0 else { return "\(value)" }
        var scale = 1.0
        while value * scale < 100, scale < 1e9 { scale *= 10 }
        let rounded = (value * scale).rounded() / scale
        return rounded >= 100 || rounded == rounded.rounded() ? String(Int64(rounded)) : String(rounded)
    }
}

/// One line of the table.
struct Line {
    var what: String
    var ours: Figure
    var peers: [(name: String, figure: Figure)]
    var moreIsBetter: Bool
    var goal: String
    var reached: Bool?

    static let heading = """
        | what | Playhead | beside | ratio (> 1: Playhead is better) | goal | |
        |---|---|---|---|---|---|
        """

    var markdown: String {
        let beside = peers.map { "\($0.name) \($0.figure.text)" }.joined(separator: " · ")
        let ratios = peers.map { peer in
            let ratio = moreIsBetter ? ours.value / peer.figure.value : peer.figure.value / ours.value
            return Figure.short(ratio) + "×"
        }
        let verdict = reached.map { $0 ? "reached" : "**not reached**" } ?? ""
        return "| \(what) | \(ours.text) | \(beside) | \(ratios.joined(separator: " · ")) | \(goal) | \(verdict) |"
    }
}
