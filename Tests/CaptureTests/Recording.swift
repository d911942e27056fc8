import Capture
import EventSchema
import Foundation
import Synchronization

/// A temporary directory that goes with its owner.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/capture-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Records headless what a shell or command does.
enum Recording {
    static let clock = RecordClock(anchor: RecordTime(milliseconds: 1_700_000_000_000))

    static func environment(home: String) -> [String: String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return ["HOME": home, "PATH": path, "TERM": "xterm-256color", "LANG": "C.UTF-8", "USER": "ada"]
    }

    /// Runs `shell` at its prompt with `script` typed into it.
    static func shell(
        _ shell: String, typing script: String, startFile: (name: String, text: String)? = nil
    ) async throws -> (sink: CollectingSink, status: ProcessStatus) {
        let home = try TemporaryDirectory()
        let files = try TemporaryDirectory()
        if let startFile {
            let url = URL(fileURLWithPath: home.path).appendingPathComponent(startFile.name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(startFile.text.utf8).write(to: url)
        }
        var launch = ShellLaunch.interactive(
            shell, environment: environment(home: home.path), directory: files.path)
        try launch.writeFiles(to: files.path)
        launch.launch.directory = home.path
        return try await run(launch, typing: Array(script.utf8)) { _ in }
    }

    /// Runs a line by `bash -c`.
    static func line(
        _ line: String, change: (inout RecorderOptions) -> Void = { _ in }
    ) async throws -> (sink: CollectingSink, status: ProcessStatus) {
        let home = try TemporaryDirectory()
        var launch = ShellLaunch.line(line, shell: "/bin/bash", environment: environment(home: home.path))
        launch.launch.directory = home.path
        return try await run(launch, typing: nil, change: change)
    }

    static func run(
        _ launch: ShellLaunch, typing: [UInt8]?, change: (inout RecorderOptions) -> Void = { _ in }
    ) async throws -> (sink: CollectingSink, status: ProcessStatus) {
        var options = RecorderOptions(launch.launch)
        options.command = launch.command
        options.shell = launch.shell
        options.headless = true
        options.output = nil
        options.input = nil
        change(&options)
        let pipe = try typing.map { _ in try Descriptor.pipe() }
        if let pipe { options.input = pipe.read }
        let sink = CollectingSink()
        let recorder = try TerminalRecorder(options, sink: sink, clock: clock)
        async let status = onThread { try recorder.run() }
        if let typing, let pipe {
            try await onThread {
                try pipe.write.writeAll(typing)
                pipe.write.close()
            }
        }
        return (sink, try await status)
    }

    /// Runs what blocks on a thread of its own.
    static func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result(catching: body)) }.start()
        }
    }
}

/// A person at a terminal: sees what is on it, types when the awaited words are there.
final class Person: Sendable {
    let terminal: PseudoTerminal
    /// The terminal's other side, for the recorder.
    let side: Descriptor
    private let seen = Mutex<[UInt8]>([])

    init(size: WindowSize = .standard) throws {
        terminal = try PseudoTerminal(size: size)
        side = try Descriptor.open(terminal.path, 2 | 0o400)  // O_RDWR | O_NOCTTY
    }

    var screen: String { seen.withLock { String(decoding: $0, as: UTF8.self) } }

    /// Reads until `words` came after what was awaited last; false when there is nothing more to come.
    @discardableResult
    func await(_ words: String) throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var since: [UInt8] = []
        let wanted = Array(words.utf8)
        let deadline = ContinuousClock.now + .seconds(20)
        while .now < deadline {
            _ = try Poller.wait(for: [.init(terminal.master, .readable)], timeout: .milliseconds(200))
            guard case .bytes(let count) = try terminal.read(into: &buffer) else { continue }
            seen.withLock { $0 += buffer[..<count] }
            since += buffer[..<count]
            if String(decoding: since, as: UTF8.self).contains(String(decoding: wanted, as: UTF8.self)) { return true }
        }
        return false
    }

    func type(_ text: String) throws { try terminal.master.writeAll(Array(text.utf8)) }
}
