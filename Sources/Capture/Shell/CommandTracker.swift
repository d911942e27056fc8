import EventSchema
import Foundation

/// Makes commands of shell marks: which began and ended, where, with what text and status.
///
/// Several shells may write to one terminal, one inside the other (`ssh`, `su`, a second `bash`): an end belongs to
/// the last start of the same shell, and ends whatever was started inside it.
public struct CommandTracker: Sendable {
    /// A command that runs.
    private struct Running: Sendable {
        /// nil: started while nothing is recorded, so its end is not either.
        var number: UInt32?
        var shell: ShellIdentity
        var start: RecordTime
    }

    /// The longest text kept of a command line; the rest of a longer one is cut off.
    public static let longestText = 24 * 1024

    private let terminal: UInt32
    private let host: String
    private let user: String
    private let readsForeignMarks: Bool
    private var number: UInt32
    private var sawOwn = false
    private var text: [UInt8]?
    private var directory: [UInt8]
    private var running: [Running] = []

    /// - Parameters:
    ///   - after: the number of the source's last command, 0 if none.
    ///   - host, user: the source's own; told of a command only where they differ.
    ///   - readsForeignMarks: whether marks without our nonce count, as long as none with it has come.
    public init(
        terminal: UInt32, directory: [UInt8], host: String, user: String, after: UInt32 = 0,
        readsForeignMarks: Bool = true
    ) {
        self.terminal = terminal
        self.directory = directory
        self.host = host
        self.user = user
        self.number = after
        self.readsForeignMarks = readsForeignMarks
    }

    /// The number of the last command.
    public var lastCommand: UInt32 { number }
    public var isRunning: Bool { !running.isEmpty }

    /// Takes a mark that stood after `offset` bytes of the terminal's output, and gives what it means.
    ///
    /// - Parameter recorded: false while recording is paused: a command that starts then is not told of, one that ends
    ///   is told of without its directory.
    /// - Parameter typedSpaceFirst: the line shown after the prompt began with a space.
    public mutating func take(
        _ mark: ShellMark, at time: RecordTime, offset: UInt64, recorded: Bool = true,
        typedSpaceFirst: Bool = false
    ) -> [Event.OneOf_Body] {
        if mark.isOwn { sawOwn = true } else if sawOwn || !readsForeignMarks { return [] }
        switch mark.kind {
        case .promptEnd: return []
        case .historyText(let bytes):
            // Then this is the line before it.
            text = typedSpaceFirst || bytes.first == 0x20 ? nil : bytes
            return []
        case .promptStart:
            text = nil
            return []
        case .commandText(let bytes):
            text = bytes.first == 0x20 ? nil : bytes
            return []
        case .directory(let path):
            directory = path
            return []
        case .commandStart(let shell):
            defer { text = nil }
            let ended = end(inside: shell, including: true, at: time, offset: offset, recorded: recorded)
            return ended + start(text, shell: shell, at: time, offset: offset, recorded: recorded)
        case .commandEnd(let status, let pipeStatus, let shell):
            guard let index = running.lastIndex(where: { $0.shell.isSame(as: shell) }) else { return [] }
            let inner = end(inside: shell, including: false, at: time, offset: offset, recorded: recorded)
            let command = running.remove(at: index)
            return inner
                + finished(command, status, pipeStatus, at: time, offset: offset, recorded: recorded)
        }
    }

    /// Begins the command a recording was made for, which no shell tells of.
    public mutating func startMain(
        _ text: [UInt8], shell: String, at time: RecordTime, recorded: Bool = true
    ) -> [Event.OneOf_Body] {
        start(text, shell: ShellIdentity(name: shell), at: time, offset: 0, recorded: recorded)
    }

    /// The terminal's program has ended: with it, all that ran. The outermost command has the program's status, as
    /// `exit 3` does.
    public mutating func finish(
        status: Int32?, at time: RecordTime, offset: UInt64, recorded: Bool = true
    ) -> [Event.OneOf_Body] {
        var events: [Event.OneOf_Body] = []
        while let command = running.popLast() {
            let own = running.isEmpty ? status : nil
            events += finished(command, own, [], at: time, offset: offset, recorded: recorded)
        }
        return events
    }

    private mutating func start(
        _ text: [UInt8]?, shell: ShellIdentity, at time: RecordTime, offset: UInt64, recorded: Bool
    ) -> [Event.OneOf_Body] {
        guard recorded else {
            running.append(Running(number: nil, shell: shell, start: time))
            return []
        }
        number &+= 1
        running.append(Running(number: number, shell: shell, start: time))
        var event = CommandStarted()
        event.command = number
        event.terminal = terminal
        if let text {
            event.text = Data(Self.cut(SecretMask.masked(text)))
        } else {
            event.private = true
        }
        event.directory = Data(directory)
        event.shell = shell.name
        event.outputOffset = offset
        if shell.host != host { event.host = shell.host }
        if shell.user != user { event.user = shell.user }
        return [.commandStarted(event)]
    }

    /// Ends what was started inside the last command of a shell, or that one too: it gave no status.
    private mutating func end(
        inside shell: ShellIdentity, including: Bool, at time: RecordTime, offset: UInt64, recorded: Bool
    ) -> [Event.OneOf_Body] {
        guard let index = running.lastIndex(where: { $0.shell.isSame(as: shell) }) else { return [] }
        var events: [Event.OneOf_Body] = []
        while running.count > (including ? index : index + 1), let command = running.popLast() {
            events += finished(command, nil, [], at: time, offset: offset, recorded: recorded)
        }
        return events
    }

    private func finished(
        _ command: Running, _ status: Int32?, _ pipeStatus: [Int32], at time: RecordTime, offset: UInt64,
        recorded: Bool
    ) -> [Event.OneOf_Body] {
        guard let number = command.number else { return [] }
        var event = CommandFinished()
        event.command = number
        if let status { event.status = status }
        event.pipeStatus = pipeStatus
        event.durationUs = UInt64(max(0, (time - command.start).wholeMicroseconds))
        if recorded { event.directory = Data(directory) }
        event.outputOffset = offset
        return [.commandFinished(event)]
    }

    /// Not in the middle of a character.
    private static func cut(_ text: [UInt8]) -> ArraySlice<UInt8> {
        guard text.count > longestText else { return text[...] }
        var end = longestText
        while end > longestText - 4, text[end] & 0xc0 == 0x80 { end -= 1 }
        return text[..<end]
    }
}
