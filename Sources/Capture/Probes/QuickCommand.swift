import Foundation
import Glibc

/// Runs a small program for its output, with a limit of time and size. It blocks.
enum QuickCommand {
    /// What it wrote to stdout, if it ended with status 0 in time.
    static func output(
        of program: String, _ arguments: [String], in directory: String? = nil, environment: [String: String],
        limit: Duration = .seconds(5), most: Int = 4 << 20
    ) -> [UInt8]? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = environment
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        // Not Foundation's pipe: a program that is started at the same moment would hold its writing end.
        guard let (output, input) = try? Descriptor.pipe() else { return nil }
        process.standardOutput = FileHandle(fileDescriptor: input.number, closeOnDealloc: false)
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        input.close()
        let result = read(output.number, until: .now + limit, most: most)
        if result == nil { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return process.terminationReason == .exit && process.terminationStatus == 0 ? result : nil
    }

    private static func read(_ descriptor: Int32, until deadline: ContinuousClock.Instant, most: Int) -> [UInt8]? {
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while result.count <= most {
            let left = (deadline - .now).wholeMilliseconds
            guard left > 0 else { return nil }
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&wait, 1, left)
            if ready < 0 && errno != EINTR { return nil }
            guard ready > 0 else { continue }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return result }
            if count < 0 && errno != EINTR { return nil }
            if count > 0 { result += buffer[..<count] }
        }
        return nil
    }

    /// Where a program is in `PATH`.
    static func find(_ name: String, path: String) -> String? {
        path.split(separator: ":").map { "\($0)/\(name)" }.first { $0.hasPrefix("/") && access($0, X_OK) == 0 }
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        return Int32(clamping: min(max(seconds, 0), 100_000) * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
