import Capture
import EventSchema
import Foundation
import Synchronization

/// Keeps what a recorder recorded.
final class CollectingSink: EventSink {
    private let events = Mutex<[(body: Event.OneOf_Body, time: RecordTime)]>([])

    func record(_ body: Event.OneOf_Body, at time: RecordTime) { events.withLock { $0.append((body, time)) } }

    var bodies: [Event.OneOf_Body] { events.withLock { $0.map(\.body) } }
    var times: [RecordTime] { events.withLock { $0.map(\.time) } }

    var output: [UInt8] {
        var bytes: [UInt8] = []
        for case .terminalOutput(let event) in bodies { bytes += event.data }
        return bytes
    }
    var outputText: String { String(decoding: output, as: UTF8.self) }

    var typed: String {
        var bytes: [UInt8] = []
        for case .terminalInput(let event) in bodies { bytes += event.data }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Each command with its end.
    struct Command {
        var started: CommandStarted
        var finished: CommandFinished?
        var text: String { String(decoding: started.text, as: UTF8.self) }
        var status: Int32? { finished.flatMap { $0.hasStatus ? $0.status : nil } }
    }

    var commands: [Command] {
        var commands: [Command] = []
        for body in bodies {
            if case .commandStarted(let event) = body { commands.append(Command(started: event)) }
            if case .commandFinished(let event) = body,
                let index = commands.firstIndex(where: { $0.started.command == event.command })
            {
                commands[index].finished = event
            }
        }
        return commands
    }

    /// The recorded output between a command's start and its end.
    func output(of command: Command) -> String {
        let end = command.finished?.outputOffset ?? UInt64(output.count)
        return String(decoding: output[Int(command.started.outputOffset)..<Int(end)], as: UTF8.self)
    }
}
