import Foundation
import Glibc

/// Runs a program to its end; throws if it fails.
@discardableResult
func call(_ path: String, _ arguments: [String], input: FileHandle? = nil) throws -> Data {
    struct Failed: Error {
        var command: [String]
        var status: Int32
    }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = input ?? FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    // Threads of a pool block all signals and children inherit that; a terminal needs them.
    var none = sigset_t()
    var blocked = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &blocked)
    defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw Failed(command: [path] + arguments, status: process.terminationStatus)
    }
    return bytes
}

/// A C program of `Tests/Peers`, compiled for one use: what it writes, given `arguments` and `input`.
func callPeer(_ name: String, libraries: [String] = [], arguments: [String] = [], input: [UInt8] = []) throws -> Data {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("peer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Peers/\(name).c")
    let program = folder.appendingPathComponent(name)
    try call("/usr/bin/cc", ["-O1", "-o", program.path, source.path] + libraries.map { "-l\($0)" })
    let file = folder.appendingPathComponent("input")
    try Data(input).write(to: file)
    return try call(program.path, arguments, input: try FileHandle(forReadingFrom: file))
}
