import EventSchema
import Foundation

extension SourceModel {
    mutating func takeTerminal(_ body: Event.OneOf_Body?) throws(ModelError) {
        switch body {
        case .terminalOpened(let opened):
            var terminal = TerminalModel(number: opened.terminal)
            if lanes.contains(.terminals) {
                terminal.screen = Screen(columns: Int(clamping: opened.columns), rows: Int(clamping: opened.rows))
            }
            terminals[opened.terminal] = terminal
        case .terminalOutput(let output):
            guard let index = terminals.index(forKey: output.terminal) else { throw Self.unopened(output.terminal) }
            terminals.values[index].outputOffset &+= UInt64(output.data.count)
            terminals.values[index].screen?.feed([UInt8](output.data))
        case .terminalResized(let size):
            guard let index = terminals.index(forKey: size.terminal) else {
                // Its opening was not shared: it is known from here on.
                var terminal = TerminalModel(number: size.terminal)
                if lanes.contains(.terminals) {
                    terminal.screen = Screen(columns: Int(clamping: size.columns), rows: Int(clamping: size.rows))
                }
                terminals[size.terminal] = terminal
                return
            }
            terminals.values[index].screen?.resize(columns: Int(clamping: size.columns), rows: Int(clamping: size.rows))
        case .terminalExited(let exited):
            guard let index = terminals.index(forKey: exited.terminal) else { throw Self.unopened(exited.terminal) }
            terminals.values[index].hasExited = true
            terminals.values[index].running = nil
        case .terminalInput(let input): work(in: .terminal(input.terminal))
        case .commandStarted(let command):
            var terminal = terminals[command.terminal] ?? TerminalModel(number: command.terminal)
            terminal.running = TerminalModel.Running(command: command, since: time)
            terminal.commands &+= 1
            terminals[command.terminal] = terminal
            if command.terminal == 0 { lastHuman = time } else { work(in: .terminal(command.terminal)) }
        case .commandFinished(let finished):
            for number in terminals.keys where terminals[number]?.running?.command.command == finished.command {
                terminals[number]?.running = nil
            }
        default: break
        }
    }

    /// A gap in the output of a terminal brings the screen as it is behind the gap.
    mutating func take(_ gap: Gap) throws(ModelError) {
        guard gap.hasScreen else { return }
        let bytes = try bytes(of: gap.screen)
        guard gap.terminal != 0, let index = terminals.index(forKey: gap.terminal) else { return }
        guard lanes.contains(.terminals) else { return }
        do { terminals.values[index].screen = try Screen(encoded: bytes) } catch {
            throw ModelError(.state, "the screen of terminal \(gap.terminal) cannot be read", underlying: error)
        }
    }

    private static func unopened(_ terminal: UInt32) -> ModelError {
        ModelError(.unknown, "terminal \(terminal) was never opened")
    }
}
