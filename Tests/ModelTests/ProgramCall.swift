import Foundation
import Glibc

/// Runs a program to its end; throws if it fails.
@discardableResult
func call(_ path: String, _ arguments: [String], input: FileHandle? = nil) throws -> Data {
    struct Failed: Error { var command: [String]; var status: Int32 }
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
