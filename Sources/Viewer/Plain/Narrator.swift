import EventSchema
import Model
import Replay

/// Tells a recording as lines of text: commands and their output, what runs of typing changed, notes, and a card where
/// time was cut.
public struct Narrator: Sendable {
    struct Terminal {
        var text = TerminalText()
        var isRunning = false
        var lines = 0
    }

    struct Burst {
        var subject: Activity.Subject
        var before: [UInt8]
    }

    var recording: Recording { state.recording }
    var names: SourceNames
    let clock: ClockFormat
    let gaps: [TimeMap.Stretch]
    let shown: Set<Int>?
    var marked: Set<SourceID>
    var bursts: EditBursts
    var state: PlaybackState
    var terminals: [Activity.Subject: Terminal] = [:]
    var commands: [SourceID: [UInt32: CommandStarted]] = [:]
    var burst: Burst?
    var nextGap = 0
    var lastPlace = ""

    /// - Parameters:
    ///   - activity: of the lanes to be told; nil: all.
    ///   - map: whose cuts get cards.
    public init(of recording: Recording, activity: Activity? = nil, map: TimeMap, clock: ClockFormat = ClockFormat()) {
        self.clock = clock
        names = SourceNames(of: recording)
        gaps = map.gaps.filter {
            $0.kind != .capped || $0.record.upperBound - $0.record.lowerBound >= .seconds(60)
        }
        shown = activity.map { Set($0.entries.map(\.index)) }
        marked = Set(
            recording.events.compactMap {
                if case .commandStarted = $0.event.body { $0.address.source } else { nil }
            })
        bursts = EditBursts(in: recording)
        state = PlaybackState(of: recording)
    }

    /// Goes to the state of the first `count` events without telling what happened.
    public mutating func skip(to count: Int) {
        state.move(to: count)
        let time = state.applied > 0 ? recording.events[state.applied - 1].time : .distantPast
        while nextGap < gaps.count, gaps[nextGap].record.upperBound <= time { nextGap += 1 }
        burst = nil
    }

    /// Applies the events up to `count` and tells them.
    public mutating func advance(to count: Int) -> [StyledLine] {
        var lines: [StyledLine] = []
        while state.applied < min(count, recording.events.count) {
            let index = state.applied
            let timed = recording.events[index]
            tellGaps(before: timed.time, &lines)
            if case .edit(let edit) = timed.event.body { begin(edit, of: timed.address.source) }
            state.move(to: index + 1)
            if shown?.contains(index) ?? true { tell(timed, &lines) }
            if bursts.ends.contains(index) { tellBurst(at: timed.time, shown?.contains(index) ?? true, &lines) }
        }
        return lines
    }

    private mutating func tellGaps(before time: RecordTime, _ lines: inout [StyledLine]) {
        while nextGap < gaps.count, gaps[nextGap].record.upperBound <= time {
            let gap = gaps[nextGap]
            let span = DurationText.words(gap.record.upperBound - gap.record.lowerBound)
            var card =
                "---- \(span) \(gap.kind == .skipped ? "left out" : "later"), \(clock.minute(gap.record.upperBound))"
            if !clock.sameDay(gap.record.lowerBound, gap.record.upperBound) {
                card += " on \(clock.day(gap.record.upperBound))"
            }
            lines.append(StyledLine(card + " ----", .dim))
            nextGap += 1
            lastPlace = ""
        }
    }

    mutating func begin(_ edit: Edit, of source: SourceID) {
        let subject = Activity.Subject(source: source, thing: .document(edit.document))
        guard burst?.subject != subject else { return }
        burst = Burst(subject: subject, before: state.document(subject)?.text.bytes ?? [])
    }

    /// What the run of typing changed, as a small diff.
    mutating func tellBurst(at time: RecordTime, _ isShown: Bool, _ lines: inout [StyledLine]) {
        guard let burst, let document = state.document(burst.subject) else { return }
        self.burst = nil
        guard isShown else { return }
        let diff = LineDiff(from: burst.before, to: document.text.bytes)
        guard let first = diff.hunks.first else { return }
        var place = names.path(document.path, of: burst.subject.source)
        if let name = Landmark.name(in: document.text, at: first.newLine, path: document.path) {
            place += "  " + Sanitize.line(name)
        }
        if place != lastPlace { lines.append(StyledLine("\(clock.second(time))  \(place)", .heading)) }
        lastPlace = place
        lines += Self.lines(of: diff, atMost: 16)
    }

    /// The lines of a diff with their numbers.
    static func lines(of diff: LineDiff, atMost limit: Int) -> [StyledLine] {
        var lines: [StyledLine] = []
        for hunk in diff.hunks {
            for (offset, line) in hunk.removed.enumerated() {
                lines.append(StyledLine("  - \(padded(hunk.oldLine + offset + 1))  \(Sanitize.line(line))", .removed))
            }
            for (offset, line) in hunk.inserted.enumerated() {
                lines.append(StyledLine("  + \(padded(hunk.newLine + offset + 1))  \(Sanitize.line(line))", .added))
            }
        }
        if lines.count > limit {
            let more = lines.count - limit
            lines = Array(lines.prefix(limit)) + [StyledLine("    … \(more) more line\(more == 1 ? "" : "s")", .dim)]
        }
        return lines
    }

    private static func padded(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: " ", count: max(0, 4 - text.count)) + text
    }
}
