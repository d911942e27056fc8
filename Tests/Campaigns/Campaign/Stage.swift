import Archive
import Capture
import Foundation
import TestSupport

/// A home, a workspace and two runtime directories of their own, and every process that was started with them.
///
/// Clients have `run/client`, agents `run/agent`: what goes between them passes a proxy if there is one.
final class Stage {
    let root: URL
    let home: URL
    let workspace: URL
    /// The environment of clients.
    let environment: [String: String]
    private let isProxied: Bool
    /// What starts a program on the machine of whoever is recorded; empty: this one.
    private let elsewhere: [String]
    private var cleanup = 0

    /// The built program.
    static let playhead = Playhead.programs.appendingPathComponent("playhead").path

    /// - Parameters:
    ///   - isProxied: agents listen apart from where clients look for them.
    ///   - elsewhere: what starts a program on the machine of whoever is recorded, if it is not this one.
    ///   - home: where the archive is, if not in the stage's own folder.
    init(isProxied: Bool, elsewhere: [String] = [], home: URL? = nil, _ more: [String: String] = [:]) throws {
        self.isProxied = isProxied
        self.elsewhere = elsewhere
        root = URL(fileURLWithPath: "/tmp/playhead-campaign-\(UUID().uuidString.prefix(8))")
        self.home = home ?? root.appendingPathComponent("home")
        workspace = root.appendingPathComponent("work")
        let wrapper = root.appendingPathComponent("playhead").path
        var environment = ProcessInfo.processInfo.environment
        for name in environment.keys where name.hasPrefix("PLAYHEAD_") { environment[name] = nil }
        environment.merge([
            "PLAYHEAD_HOME": self.home.path, "PLAYHEAD_BIN": wrapper, "HOME": root.appendingPathComponent("user").path,
            "XDG_RUNTIME_DIR": root.appendingPathComponent("run/client").path, "USER": "tester", "SHELL": "/bin/bash",
            "TMPDIR": root.appendingPathComponent("tmp").path, "TZ": "UTC", "LC_ALL": "C.UTF-8",
            "PLAYHEAD_AGENT_IDLE": "10",
        ]) { $1 }
        self.environment = environment.merging(more) { $1 }
        let (root, ownHome) = (root, self.home.path)
        cleanup = Cleanup.add {
            // More than once: what is started, or still writes, between the look and the kill.
            for _ in 0..<100 {
                for process in Processes.all(ofHome: ownHome) { kill(process.id, SIGKILL) }
                try? FileManager.default.removeItem(at: root)
                if !FileManager.default.fileExists(atPath: root.path) { break }
                Thread.sleep(forTimeInterval: 0.02)
            }
        }
        for folder in ["work", "user", "tmp", "run/client", "run/agent"] {
            try FileManager.default.createDirectory(
                at: root.appendingPathComponent(folder), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
        let agentRuntime = root.appendingPathComponent(isProxied ? "run/agent" : "run/client").path
        let script = """
            #!/bin/sh
            if [ "$1" = agent ]; then
                while [ -e '\(root.path)/hold' ]; do sleep 0.02; done
                export XDG_RUNTIME_DIR='\(agentRuntime)'
            fi
            exec \(elsewhere.joined(separator: " ")) '\(Self.playhead)' "$@"

            """
        try script.write(toFile: wrapper, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: wrapper)
    }

    /// Ends every process of it and removes its folder.
    func end() { Cleanup.now(cleanup) }

    deinit { end() }

    /// While `body` runs no agent starts; one that is wanted waits.
    func withoutAgents<R>(_ body: () throws -> R) throws -> R {
        try Data().write(to: file("hold"))
        defer { try? FileManager.default.removeItem(at: file("hold")) }
        return try body()
    }

    func file(_ name: String) -> URL { root.appendingPathComponent(name) }

    /// Where clients look for the agent.
    var clientAddress: AgentAddress { AgentAddress(home: home.path, environment: environment) }

    /// Where agents listen.
    var agentAddress: AgentAddress {
        var environment = environment
        if isProxied { environment["XDG_RUNTIME_DIR"] = file("run/agent").path }
        return AgentAddress(home: home.path, environment: environment)
    }

    /// The processes of this stage that run `playhead VERB`.
    func processes(running verb: String) -> [Int32] {
        Processes.all(ofHome: home.path).filter { $0.arguments.dropFirst().first == verb }.map(\.id)
    }

    /// Starts a program in the workspace; its output is appended to the file `log` of the stage.
    func start(_ arguments: [String], input: Pipe? = nil, log: String, _ more: [String: String] = [:]) throws -> Child {
        try Child(
            arguments, environment: environment.merging(more) { $1 }, directory: workspace.path,
            input: input?.fileHandleForReading.fileDescriptor, log: file(log).path)
    }

    /// The same on the machine of whoever is recorded.
    func startThere(_ arguments: [String], input: Pipe? = nil, log: String, _ more: [String: String] = [:]) throws
        -> Child
    {
        try start(elsewhere + arguments, input: input, log: log, more)
    }

    /// Runs `playhead` to its end.
    func run(_ arguments: [String], patience: Double = 60) throws -> (status: Int32, output: String) {
        let log = "run-\(UUID().uuidString.prefix(8))"
        let process = try start([Self.playhead] + arguments, log: log)
        defer { try? FileManager.default.removeItem(at: file(log)) }
        let status = try wait(for: process, patience, "the end of playhead \(arguments.joined(separator: " "))")
        return (status, text(of: log))
    }

    /// Waits for its end and says how it ended; one that stays is killed.
    @discardableResult
    func wait(for process: Child, _ patience: Double, _ what: String) throws -> Int32 {
        do {
            try waitUntil(patience, every: 0.005, what) { process.status != nil }
        } catch {
            process.send(SIGKILL)
            throw error
        }
        return process.status ?? 0
    }

    func text(of log: String) -> String {
        String(decoding: (try? Data(contentsOf: file(log))) ?? Data(), as: UTF8.self)
    }

    var archiveHome: ArchiveHome { ArchiveHome(home) }
}

/// What runs, as /proc tells it.
enum Processes {
    struct Found {
        let id: Int32
        let arguments: [String]
    }

    /// The processes whose archive is `home`.
    static func all(ofHome home: String) -> [Found] {
        let entry = Data("PLAYHEAD_HOME=\(home)\0".utf8)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { name -> Found? in
            guard let id = Int32(name), id != getpid(), let environment = contents("/proc/\(name)/environ"),
                environment.range(of: entry) != nil, let line = contents("/proc/\(name)/cmdline"), !line.isEmpty
            else { return nil }
            return Found(id: id, arguments: line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
        }
    }

    /// A file whose size is not known before it is read.
    private static func contents(_ path: String) -> Data? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        return try? handle.readToEnd() ?? Data()
    }
}
