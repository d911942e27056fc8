import EventSchema
import Foundation

/// What the rows share: the data, the peers, the clock, a folder for scraps.
final class Lab {
    /// Little data, no claims: only whether everything runs.
    let smoke: Bool
    /// Ours once, without peers: for a profiler.
    let alone = ProcessInfo.processInfo.environment["PLAYHEAD_BENCH_ALONE"] != nil
    let scraps: URL
    private let data: URL?
    private let peers: URL
    private let tools: URL?
    /// The program as `make install` builds it.
    let program: URL?

    init(smoke: Bool) throws {
        self.smoke = smoke
        let environment = ProcessInfo.processInfo.environment
        data = environment["PLAYHEAD_DATA"].map { URL(filePath: $0) }
        tools = environment["PLAYHEAD_BENCH_TOOLS"].map { URL(filePath: $0) }
        program = environment["PLAYHEAD_BENCH_PROGRAM"].map { URL(filePath: $0) }
        peers = URL(filePath: environment["PLAYHEAD_BENCH_PEERS"] ?? "peers")
        scraps = FileManager.default.temporaryDirectory.appending(path: "playhead-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scraps, withIntermediateDirectories: true)
    }

    func cleanUp() { try? FileManager.default.removeItem(at: scraps) }

    /// An open recording, unpacked.
    func open(_ path: String) throws -> [UInt8] {
        guard let data else { throw NotMeasured(reason: "PLAYHEAD_DATA does not say where the open recordings are") }
        return try run(["gzip", "-dc", data.appending(path: path).path()]).output
    }

    /// The path of an open recording, for a peer.
    func path(of recording: String) throws -> String {
        guard let data else { throw NotMeasured(reason: "PLAYHEAD_DATA does not say where the open recordings are") }
        return data.appending(path: recording).path()
    }

    /// A program that `scripts/bench.sh` built for us.
    func tool(_ name: String) throws -> String {
        guard let path = tools?.appending(path: name).path(), FileManager.default.isExecutableFile(atPath: path) else {
            throw NotMeasured(reason: "\(name) was not built; run `make bench`", expected: smoke)
        }
        return path
    }

    /// Runs a peer's script; its figures are the JSON object it prints.
    func peer(_ script: String, _ arguments: String...) throws -> JSONValue { try peer(script, arguments) }

    func peer(_ script: String, _ arguments: [String]) throws -> JSONValue {
        let python = (try? tool("python/bin/python3")) ?? "python3"
        return try JSONReader.read(run([python, peers.appending(path: script).path()] + arguments).output)
    }

    /// One figure of a peer.
    func figure(_ name: String, of result: JSONValue, unit: String) throws -> Figure {
        guard let value = result[name]?.double else { throw NotMeasured(reason: "the peer did not say \(name)") }
        return Figure(value: value, unit: unit)
    }

    func run(_ words: [String], environment: [String: String] = [:]) throws -> (output: [UInt8], status: Int32) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw NotMeasured(reason: "`\(words.joined(separator: " "))` ended with \(process.terminationStatus)")
        }
        return (Array(output), process.terminationStatus)
    }

    /// The median time of one pass, over as many passes as fit into a second (at least five).
    func secondsOfOnePass(_ pass: () throws -> Void) rethrows -> Double {
        var times: [Double] = []
        var total = 0.0
        while times.count < (smoke ? 1 : 5) || (total < (smoke ? 0 : 1) && times.count < 1000) {
            let start = ContinuousClock.now
            try pass()
            let time = (ContinuousClock.now - start).seconds
            times.append(time)
            total += time
        }
        return times.sorted()[times.count / 2]
    }

    /// Under what conditions this run was made.
    var conditions: String {
        let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
            .split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.split(separator: " ").first
        return "\(cpu ?? "an unknown processor"), \(ProcessInfo.processInfo.activeProcessorCount) cores, "
            + "load \(load ?? "?")\(smoke ? "; little data: the figures mean nothing" : "")"
    }
}
