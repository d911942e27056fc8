import EventSchema
import Foundation
import Model
import Replay

/// The card that answers "where was I": recorded facts in lines of at most 80 columns. What has nothing to say is left
/// out.
public struct RecapCard: Sendable {
    static let width = 76

    public private(set) var lines: [StyledLine] = []
    private let clock: ClockFormat
    private let names: SourceNames

    /// - Parameters:
    ///   - now: for "61 days ago".
    ///   - rows: DID and TODO shrink to get below it; NEXT, HERE and RED never.
    public init(
        of recording: Recording, facts: RecapFacts, now: RecordTime, clock: ClockFormat = ClockFormat(), rows: Int = 30
    ) {
        self.clock = clock
        names = SourceNames(of: recording)
        addHeader(recording, facts, now)
        addNext(facts)
        addHere(facts)
        addRed(facts)
        addDone(facts, short: lines.count > rows - 12)
        addThen(facts)
        addNotes(facts, short: lines.count > rows - 4)
    }

    /// The card as text in a frame.
    public func rendered(inColour: Bool) -> String {
        let rule = "+" + String(repeating: "-", count: Self.width + 2) + "+"
        let body = lines.map { line -> String in
            if line.text == Self.rule { return rule }
            let text = TextWidth.fitted(line.text, to: Self.width)
            return "| " + StyledLine(text, line.style).rendered(inColour: inColour) + " |"
        }
        return ([rule] + body + [rule]).joined(separator: "\n") + "\n"
    }

    static let rule = "\u{0}"

    private mutating func add(_ label: String, _ left: String, _ right: String = "", _ style: StyledLine.Style = .plain)
    {
        let start = TextWidth.padded(label, to: 7) + left
        let room = Self.width - TextWidth.of(right) - (right.isEmpty ? 0 : 2)
        let text = right.isEmpty ? start : TextWidth.fitted(start, to: room) + "  " + right
        lines.append(StyledLine(text, style))
    }

    private mutating func space() {
        if let last = lines.last, !last.text.isEmpty, last.text != Self.rule { lines.append(StyledLine("")) }
    }

    private mutating func addHeader(_ recording: Recording, _ facts: RecapFacts, _ now: RecordTime) {
        let newest = recording.sessions.max { $0.started < $1.started }
        let title = [newest?.workspaceName, newest?.title].compactMap { $0 }.filter { !$0.isEmpty }
        let from = clock.sameDay(facts.start, facts.end) ? facts.start : (newest?.started ?? facts.start)
        let when = "last here \(clock.day(facts.end)), \(clock.minute(from))-\(clock.minute(facts.end))"
        let name = TextWidth.fitted(Sanitize.line(title.joined(separator: " / ")), to: Self.width - when.count - 2)
        lines.append(StyledLine(name + "  " + when, .heading))
        let days = clock.days(from: facts.end, to: now)
        let ago = days == 0 ? "today" : days == 1 ? "yesterday" : "\(days) days ago"
        let count = max(recording.sessions.count, 1)
        let span = DurationText.words(facts.end - facts.start)
        let sessions = "\(count) session\(count == 1 ? "" : "s")"
        lines.append(
            StyledLine("\(ago)    \(sessions)    \(span), of them \(DurationText.words(facts.active)) active", .dim))
        lines.append(StyledLine(Self.rule))
    }

    private mutating func addNext(_ facts: RecapFacts) {
        guard let next = facts.notes.last(where: { $0.isNext && !$0.isDone }) else { return }
        let text = TextWidth.wrapped("\"\(Sanitize.line(next.text))\"", to: 60)
        for (index, line) in text.prefix(4).enumerated() {
            add(index == 0 ? "NEXT" : "", line, index == 0 ? clock.minute(next.time) : "", .note)
        }
    }

    private mutating func addHere(_ facts: RecapFacts) {
        guard let here = facts.here, !here.document.isPrivate else { return }
        space()
        var place = "\(names.path(here.document.path, of: here.source)):\(here.line + 1)"
        if let landmark = here.landmark { place += "   \(Sanitize.line(landmark))" }
        if let unsaved = here.unsavedLines { place += "   \(unsaved) line\(unsaved == 1 ? "" : "s") not saved" }
        add("HERE", place, clock.second(here.time), .heading)
        for line in RecapDiff.lines(of: here) { lines.append(StyledLine("       " + line.text, line.style)) }
    }

    private mutating func addRed(_ facts: RecapFacts) {
        guard let red = facts.red, let status = red.lastStatus else { return }
        space()
        var state = "exit \(status) at \(clock.minute(red.lastTime))"
        if let green = red.lastGreen { state += ", green until \(clock.minute(green))" }
        add("RED", Sanitize.line(red.text.prefix(300)), state, .bad)
        var text = TerminalText()
        var tail = text.feed(red.tail)
        if let rest = text.finish() { tail.append(rest) }
        for line in tail.filter({ !$0.isEmpty }).suffix(5) { lines.append(StyledLine("       " + line)) }
    }

    private mutating func addDone(_ facts: RecapFacts, short: Bool) {
        guard !facts.files.isEmpty || !facts.commands.isEmpty else { return }
        space()
        let shown = facts.files.prefix(short ? 2 : 5)
        let most = Double(max(shown.first?.edits ?? 1, 1))
        let width = min(shown.map { TextWidth.of(names.path($0.path, of: $0.source)) }.max() ?? 0, 32)
        for (index, file) in shown.enumerated() {
            let path = TextWidth.fitted(names.path(file.path, of: file.source), to: width)
            let bar = String(repeating: "#", count: max(1, Int((Double(file.edits) / most * 8).rounded())))
            let edits = TextWidth.leftPadded("\(file.edits)", to: 5) + " edit" + (file.edits == 1 ? " " : "s")
            let places = file.landmarks.prefix(2).map { Sanitize.line($0) }.joined(separator: ", ")
            add(index == 0 ? "DID" : "", "\(path)  \(TextWidth.padded(bar, to: 8))\(edits)   \(places)")
        }
        if facts.files.count > shown.count { add("", "and \(facts.files.count - shown.count) more files") }
        let worth = facts.commands.filter { !Self.isOwnHousekeeping($0.text) }
        let commands = worth.sorted { ($0.runs, $0.lastTime) > ($1.runs, $1.lastTime) }.prefix(4)
        let told = commands.map { command -> String in
            let text = TextWidth.clipped(Sanitize.line(command.text.prefix(200)), to: 32)
            guard command.runs > 1 else { return text }
            return "\(text) \(command.runs)x" + (command.passed < command.runs ? ", \(command.passed) green" : "")
        }
        for line in TextWidth.wrapped(told.joined(separator: ";  "), to: Self.width - 7).prefix(2) {
            add(facts.files.isEmpty && lines.last?.text.hasPrefix("DID") != true ? "DID" : "", line)
        }
    }

    /// Commands that say nothing of the work: leaving the shell, and Playhead's own verbs.
    private static func isOwnHousekeeping(_ text: [UInt8]) -> Bool {
        let first = text.split(separator: UInt8(ascii: " "), maxSplits: 1).first.map {
            String(decoding: $0, as: UTF8.self)
        }
        return ["exit", "logout", "clear", "playhead"].contains(first ?? "")
    }

    private mutating func addThen(_ facts: RecapFacts) {
        var state: [String] = []
        if let environment = facts.environment {
            if !environment.gitBranch.isEmpty { state.append("branch \(environment.gitBranch)") }
            if !environment.gitHead.isEmpty { state.append("at \(environment.gitHead.prefix(7))") }
            let dirty = environment.gitDirty.count
            if dirty > 0 { state.append("\(dirty) file\(dirty == 1 ? "" : "s") uncommitted") }
            if !environment.condaEnvironment.isEmpty { state.append("env \(environment.condaEnvironment)") }
            if !environment.pythonVersion.isEmpty { state.append("Python \(environment.pythonVersion)") }
        }
        let added = facts.changes.flatMap(\.added).map { "+ \($0.name) \($0.version)" }
        let removed = facts.changes.flatMap(\.removed).map { "- \($0.name) \($0.version)" }
        guard !state.isEmpty || !added.isEmpty || !removed.isEmpty else { return }
        space()
        if !state.isEmpty { add("THEN", Sanitize.line(state.joined(separator: "  "))) }
        let packages = (added + removed).prefix(4).joined(separator: "   ")
        if !packages.isEmpty { add(state.isEmpty ? "THEN" : "", Sanitize.line(packages)) }
    }

    private mutating func addNotes(_ facts: RecapFacts, short: Bool) {
        let todos = facts.notes.filter { $0.isTodo && !$0.isDone }
        let notes = facts.notes.filter { !$0.isTodo && !$0.isNext && !$0.isDone }
        if !notes.isEmpty || !todos.isEmpty { space() }
        for (index, note) in notes.suffix(short ? 1 : 4).enumerated() {
            add(index == 0 ? "NOTES" : "", Sanitize.line(note.text), clock.minute(note.time), .note)
        }
        for (index, todo) in todos.suffix(short ? 2 : 6).enumerated() {
            add(index == 0 ? "TODO" : "", "[ ] " + Sanitize.line(todo.text))
        }
    }
}
