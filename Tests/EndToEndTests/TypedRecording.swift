import Foundation
import TestSupport

/// A `rec --headless` that runs while a test types into it.
final class TypedRecording: Sendable {
    private let input: FileHandle
    private let process: Process

    init(_ person: Playhead, _ arguments: [String]) throws {
        process = Process()
        process.executableURL = Playhead.programs.appendingPathComponent("playhead")
        process.arguments = ["rec", "--headless", "-q"] + arguments
        process.environment = person.environment.merging([
            "PATH": "\(Playhead.programs.path):\(person.environment["PATH"] ?? "/usr/bin:/bin")"
        ]) { $1 }
        process.currentDirectoryURL = person.workspace
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        input = pipe.fileHandleForWriting
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    func type(_ line: String) throws { try input.write(contentsOf: Data((line + "\n").utf8)) }

    /// Ends the shell and waits for the recorder.
    func finish() -> Int32 {
        try? input.close()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// A program in a tmux of its own, as somebody sees it.
final class TmuxScreen: Sendable {
    private let socket: String
    private let person: Playhead

    init(_ person: Playhead, _ name: String, _ command: [String], columns: Int = 120, rows: Int = 30) async throws {
        self.person = person
        socket = person.home.file("\(name).tmux").path
        let quoted = command.map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }.joined(separator: " ")
        let made = try await tmux(
            ["-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", quoted])
        if made.status != 0 { throw Impatience(what: "tmux: \(made.error)") }
    }

    deinit {
        let end = Process()
        end.executableURL = URL(fileURLWithPath: "/usr/bin/tmux")
        end.arguments = ["-S", socket, "kill-server"]
        end.standardError = FileHandle.nullDevice
        try? end.run()
        end.waitUntilExit()
    }

    private func tmux(_ arguments: [String]) async throws -> Playhead.Outcome {
        try await person.run(["-S", socket] + arguments, program: "/usr/bin/tmux")
    }

    func press(_ keys: String...) async throws { _ = try await tmux(["send-keys"] + keys) }

    /// The screen's text.
    var shown: String { get async throws { try await tmux(["capture-pane", "-p"]).output } }

    func shows(_ words: String, within time: Duration = .seconds(60)) async throws {
        var last = ""
        do {
            try await eventually("the screen shows '\(words)'", within: time) {
                last = try await shown
                return last.contains(words)
            }
        } catch let impatience as Impatience {
            throw Impatience(what: impatience.what + "; it shows\n" + last)
        }
    }
}
