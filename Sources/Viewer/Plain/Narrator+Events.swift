import EventSchema
import Foundation
import Model
import Replay

extension Narrator {
    /// The lines of one event that is applied already.
    mutating func tell(_ timed: TimedEvent, _ lines: inout [StyledLine]) {
        let source = timed.address.source
        let time = clock.second(timed.time)
        switch timed.event.body {
        case .terminalOutput(let output): tellOutput(output, of: source, &lines)
        case .commandStarted(let command): tellStart(command, of: source, &lines)
        case .commandFinished(let finished): tellEnd(finished, of: source, &lines)
        case .note(let note):
            let mark = note.next ? "NEXT" : note.todo ? "TODO" : "note"
            lines.append(StyledLine("\(time)  \(mark): \(Sanitize.line(note.text))", .note))
        case .marker(let marker): lines.append(StyledLine("\(time)  mark: \(Sanitize.line(marker.name))", .note))
        case .documentOpened(let document):
            lines.append(StyledLine("\(time)  opened \(names.path(document.path, of: source))", .dim))
        case .documentSaved(let saved):
            let subject = Activity.Subject(source: source, thing: .document(saved.document))
            guard let path = state.document(subject)?.path else { break }
            lines.append(StyledLine("\(time)  saved \(names.path(path, of: source))", .dim))
        case .documentRenamed(let renamed):
            lines.append(StyledLine("\(time)  renamed to \(names.path(renamed.path, of: source))", .dim))
        case .fileChanged(let change): tellFile(change, of: source, at: time, &lines)
        case .commitMade(let commit):
            let subject = Sanitize.line(commit.subject)
            lines.append(
                StyledLine("\(time)  commit \(Sanitize.line(String(commit.revision.prefix(7))))  \(subject)", .heading))
        case .environmentChanged(let change):
            for package in change.added {
                lines.append(
                    StyledLine("\(time)  + \(Sanitize.line(package.name)) \(Sanitize.line(package.version))", .added))
            }
            for package in change.removed {
                lines.append(
                    StyledLine("\(time)  - \(Sanitize.line(package.name)) \(Sanitize.line(package.version))", .removed))
            }
        case .cellRun(let run):
            let result = run.succeeded ? "ran" : "failed: " + Sanitize.line(run.error)
            lines.append(StyledLine("\(time)  cell \(run.count) \(result)", run.succeeded ? .good : .bad))
        case .paused: lines.append(StyledLine("\(time)  recording paused", .dim))
        case .resumed: lines.append(StyledLine("\(time)  recording again", .dim))
        case .gap(let gap): if let text = Self.text(of: gap) { lines.append(StyledLine("\(time)  \(text)", .dim)) }
        default: break
        }
    }

    private mutating func tellOutput(_ output: TerminalOutput, of source: SourceID, _ lines: inout [StyledLine]) {
        let subject = Activity.Subject(source: source, thing: .terminal(output.terminal))
        guard !output.synthetic else { return }
        let texts = terminals[subject, default: Terminal()].text.feed(output.data)
        // Where commands are known, what comes between them is prompts and the echo of typing.
        guard !marked.contains(source) || terminals[subject]?.isRunning == true else { return }
        for text in texts {
            if text.isEmpty, terminals[subject]?.lines == 0 { continue }
            terminals[subject]?.lines += 1
            lines.append(StyledLine(text))
        }
        lastPlace = ""
    }

    private mutating func tellStart(_ command: CommandStarted, of source: SourceID, _ lines: inout [StyledLine]) {
        let subject = Activity.Subject(source: source, thing: .terminal(command.terminal))
        _ = terminals[subject, default: Terminal()].text.finish()
        terminals[subject]?.isRunning = true
        terminals[subject]?.lines = 0
        commands[source, default: [:]][command.command] = command
        let directory = names.directory(command.directory, of: source)
        let parts = command.text.split(separator: UInt8(ascii: "\n")).map { Sanitize.line($0) }
        let text = command.private ? "(private command)" : parts.joined(separator: "\n> ")
        for (index, line) in text.split(separator: "\n").enumerated() {
            lines.append(StyledLine(index == 0 ? "\(directory) $ \(line)" : String(line), .prompt))
        }
        lastPlace = ""
    }

    private mutating func tellEnd(_ finished: CommandFinished, of source: SourceID, _ lines: inout [StyledLine]) {
        guard let command = commands[source]?.removeValue(forKey: finished.command) else { return }
        let subject = Activity.Subject(source: source, thing: .terminal(command.terminal))
        if let rest = terminals[subject]?.text.finish() { lines.append(StyledLine(rest)) }
        terminals[subject]?.isRunning = false
        let took = Duration.microseconds(Int64(clamping: finished.durationUs))
        if finished.hasStatus, finished.status != 0 {
            lines.append(StyledLine("exit \(finished.status) after \(DurationText.precise(took))", .bad))
        } else if took >= .seconds(5) {
            lines.append(StyledLine("done after \(DurationText.precise(took))", .dim))
        }
    }

    private func tellFile(_ change: FileChanged, of source: SourceID, at time: String, _ lines: inout [StyledLine]) {
        let path = names.path(change.path, of: source)
        let text: String
        switch change.change {
        case .created: text = "created \(path)"
        case .changed: text = "changed \(path)"
        case .moved: text = "moved \(names.path(change.from, of: source)) to \(names.place(change.path, of: source))"
        case .removed: text = "removed \(path)"
        case .unspecified, .UNRECOGNIZED: return
        }
        let initiator = change.initiator.isEmpty ? "" : "  (\(Sanitize.line(change.initiator)))"
        lines.append(StyledLine("\(time)  \(text)\(initiator)", .dim))
    }

    static func text(of gap: Gap) -> String? {
        switch gap.reason {
        case .crash: "the recorder was killed here"
        case .clockStep: "the clock was set"
        case .dropped: "\(gap.bytes) bytes were lost here"
        case .withheld: "input withheld"
        case .outputLimit: "\(gap.bytes) bytes of output are not kept"
        case .unspecified, .UNRECOGNIZED: nil
        }
    }
}
