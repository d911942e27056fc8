import Foundation
import TestSupport

/// A program of ours that runs beside a test, with its output in a file. Ended when it is let go.
final class RunningProgram: Sendable {
    let pid: Int32
    private let output: URL
    private let process: Process

    init(
        _ arguments: [String], environment: [String: String], directory: URL, output: URL, program: URL? = nil
    ) throws {
        self.output = output
        process = Process()
        process.executableURL = program ?? Playhead.programs.appendingPathComponent("playhead")
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = directory
        try Data().write(to: output)
        let handle = try FileHandle(forWritingTo: output)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        pid = process.processIdentifier
    }

    deinit { if process.isRunning { kill(pid, SIGKILL) } }

    var said: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }
    var isRunning: Bool { process.isRunning }

    /// Waits until it has ended by itself.
    ///
    /// - Returns: its exit status.
    func exitStatus(within time: Duration = .seconds(30)) async throws -> Int32 {
        try await eventually("it ends: \(said)", within: time) { !process.isRunning }
        return process.terminationStatus
    }

    func kill9() {
        kill(pid, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks it to go, and waits until it has.
    func terminate() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// Waits until something is so.
///
/// - Throws: `Impatience` after `time`.
func eventually(
    _ what: @autoclosure () -> String, within time: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + time
    while !(try await condition()) {
        guard ContinuousClock.now < deadline else { throw Impatience(what: what()) }
        try await Task.sleep(for: .milliseconds(50))
    }
}

struct Impatience: Error, CustomStringConvertible {
    var what: String
    var description: String { "not in time: \(what)" }
}
