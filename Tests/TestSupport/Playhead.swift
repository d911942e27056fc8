import Foundation
import Subprocess
import SystemPackage

/// The built programs, run with an archive of their own. Ends its agent when it is let go.
public final class Playhead: Sendable {
    public struct Outcome: Sendable {
        public var status: Int32
        public var output: String
        public var error: String

        /// The lines of standard output.
        public var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    public let home: TemporaryHome
    public let environment: [String: String]

    /// Where the programs are: beside the test bundle.
    public static let programs = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent()

    /// - Parameter more: environment variables besides those that every recording has.
    public init(_ more: [String: String] = [:]) throws {
        home = try TemporaryHome()
        var environment = ProcessInfo.processInfo.environment
        for name in environment.keys where name.hasPrefix("PLAYHEAD_") && name != "PLAYHEAD_DATA" {
            environment[name] = nil
        }
        environment["PLAYHEAD_HOME"] = home.file("home").path
        environment["XDG_RUNTIME_DIR"] = home.file("run").path
        environment["HOME"] = home.file("user").path
        environment["USER"] = "tester"
        environment["PLAYHEAD_AGENT_IDLE"] = "5"
        environment["SHELL"] = "/bin/bash"
        environment["TZ"] = "UTC"
        environment["LC_ALL"] = "C.UTF-8"
        environment["TERM"] = "xterm-256color"
        self.environment = environment.merging(more) { $1 }
        for name in ["home", "run", "user", "work"] {
            try FileManager.default.createDirectory(
                at: home.file(name), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }

    deinit {
        let stop = Process()
        stop.executableURL = Self.programs.appendingPathComponent("playhead")
        stop.arguments = ["agent", "--stop"]
        stop.environment = environment
        stop.standardOutput = FileHandle.nullDevice
        stop.standardError = FileHandle.nullDevice
        try? stop.run()
        stop.waitUntilExit()
    }

    /// The directory that is recorded.
    public var workspace: URL { home.file("work") }
    public var archiveHome: URL { home.file("home") }

    /// Runs a line of bash to its end; `playhead` is on its path.
    public func shell(_ line: String) async throws -> Outcome {
        let path = "\(Self.programs.path):\(environment["PATH"] ?? "/usr/bin:/bin")"
        return try await run(["-c", line], program: "/bin/bash", environment: ["PATH": path])
    }

    /// Runs `playhead` (or another program) to its end.
    public func run(
        _ arguments: [String], program: String = "playhead", input: String = "", directory: URL? = nil,
        environment more: [String: String] = [:]
    ) async throws -> Outcome {
        var variables: [Environment.Key: String] = [:]
        for (name, value) in environment.merging(more, uniquingKeysWith: { $1 }) {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        let result = try await Subprocess.run(
            .path(FilePath(program.hasPrefix("/") ? program : Self.programs.appendingPathComponent(program).path)),
            arguments: Arguments(arguments),
            environment: .custom(variables), workingDirectory: FilePath((directory ?? workspace).path),
            input: .string(input), output: .string(limit: 256 << 20), error: .string(limit: 16 << 20))
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Outcome(status: status, output: result.standardOutput, error: result.standardError)
    }
}
