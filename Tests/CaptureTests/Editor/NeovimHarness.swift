import Capture
import EventSchema
import Foundation
import Glibc
import Integrations
import Synchronization

/// A directory that goes when the test ends.
final class TestDirectory: Sendable {
    let path: String

    init() throws {
        path = WorkspaceRoot.realPath(FileManager.default.temporaryDirectory.path) + "/playhead-test-\(UUID())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let file = path + "/" + name
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: file).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    func read(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: path + "/" + name).map(Array.init) }
}

/// A real Neovim with the plugin, whose child is this process: a relay script joins the plugin's pipes to an
/// `EditorBridge` here by two fifos.
enum NeovimHarness {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        .standardized

    static func file(_ path: String) -> String { root.appendingPathComponent(path).path }

    struct Result: Sendable {
        var saidBye = false
        var reports: [String] = []
        var output = ""
    }

    /// Runs Neovim with a Lua script until it ends; what it did is in the sinks of the provider.
    static func run(
        script: String, in directory: TestDirectory, environment: [String: String] = [:],
        provider: @escaping @Sendable (String) -> EditorTarget?
    ) async throws -> Result {
        for fifo in ["lines", "replies"] where mkfifo("\(directory.path)/\(fifo)", 0o600) != 0 {
            throw POSIXError(.EIO)
        }
        let relay = try directory.write(
            "relay", "#!/bin/sh\ncat <'\(directory.path)/replies' &\nexec cat >'\(directory.path)/lines'\n".utf8)
        chmod(relay, 0o700)
        let lines = "\(directory.path)/lines"
        let replies = "\(directory.path)/replies"
        return await withCheckedContinuation { continuation in
            let ended = Mutex(Result())
            let bridge = Thread {
                let input = open(lines, O_RDONLY | O_CLOEXEC)
                let output = open(replies, O_RDWR | O_CLOEXEC)
                let clock = RecordClock(anchor: RecordTime(milliseconds: 1_700_000_000_000))
                let bridge = EditorBridge(
                    input: input, output: output, clock: clock, masking: SecretText(),
                    reconsiderEvery: .milliseconds(50),
                    report: { text in ended.withLock { $0.reports.append(text) } }, provider: provider)
                let saidBye = bridge.run()
                close(input)
                close(output)
                continuation.resume(
                    returning: ended.withLock { result in
                        result.saidBye = saidBye
                        return result
                    })
            }
            bridge.start()
            Thread {
                let output = nvim(script: script, relay: relay, in: directory, environment: environment)
                ended.withLock { $0.output = output }
                // Had the plugin never begun, the bridge would wait for its first line for ever.
                let opened = open(lines, O_RDWR | O_NONBLOCK)
                if opened >= 0 { close(opened) }
            }.start()
        }
    }

    private static func nvim(script: String, relay: String, in directory: TestDirectory, environment: [String: String])
        -> String
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-S", script]
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        var variables = ProcessInfo.processInfo.environment
        variables["PLAYHEAD_BIN"] = relay
        // What `init nvim` prints.
        variables["PLAYHEAD_PLUGIN"] = try? directory.write("playhead.lua", Integrations.neovim)
        variables.merge(environment) { $1 }
        process.environment = variables
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        guard (try? process.run()) != nil else { return "Neovim could not be started" }
        try? pipe.fileHandleForWriting.close()
        let output = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }
}
