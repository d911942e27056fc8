import EventSchema
import Foundation

/// A program that is measured from outside: one of `Role`, or a peer. It says JSON objects, a line each.
final class Child {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()
    private let name: String

    /// - Parameter role: in a process of its own, of this program.
    convenience init(role: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        guard let program = Bundle.main.executableURL?.path() else {
            throw NotMeasured(reason: "which program is this?")
        }
        try self.init([program, "--role", role] + arguments, environment: environment)
    }

    init(_ words: [String], environment: [String: String] = [:]) throws {
        name = words.prefix(3).joined(separator: " ")
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// The next line it says.
    ///
    /// - Throws: `NotMeasured` if it ends instead.
    func next() throws -> JSONValue {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = unread[unread.startIndex..<end]
                unread = unread[(end + 1)...]
                return try JSONReader.read(Array(line))
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else {
                process.waitUntilExit()
                throw NotMeasured(reason: "`\(name)` ended with \(process.terminationStatus)")
            }
            unread += more
        }
    }

    /// One figure of the next line.
    func next(_ figure: String) throws -> Double {
        let line = try next()
        guard let value = line[figure]?.double else {
            throw NotMeasured(reason: "`\(name)` said \(line.encoded), not \(figure)")
        }
        return value
    }

    func say(_ line: String) { try? input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8)) }

    /// Resident memory now, in MB.
    var residentMemory: Double {
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan) / 1024
    }

    /// Closes its input and waits for its end.
    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// For an error on the way: it is not to outlive the row.
    func kill() {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
    }
}

/// What this process has used.
enum Usage {
    /// Processor seconds, all threads, in user and system mode.
    static var cpu: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
