import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation
import Replay

/// Gives sessions to other tools.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write sessions for another archive (playhead, lossless) or another tool (cast, json).",
        discussion: """
            playhead  every batch as it is stored, for `playhead import`
            cast      an asciicast v3 of the terminal; edits and notes ride along
            json      one event per line, as `cat --json`

            Examples:
              playhead export last --format playhead -o monday.playhead
              playhead export last --format cast -o demo.cast && asciinema play demo.cast
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case playhead, cast, json
    }

    @OptionGroup var what: WhatOptions

    @Option(name: [.short, .long], help: "playhead, cast or json.")
    var format = Format.playhead

    @Option(name: [.short, .long], help: "The file; - or none is standard output.")
    var output: String?

    @Flag(help: "Overwrite a file that is there.")
    var overwrite = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let library = try Library(common.settings)
        let sessions = try what.sessionsOrLast(of: library)
        let file = try OutputFile(output, overwrites: overwrite, common.output)
        defer { file.discard() }
        switch format {
        case .playhead:
            guard output != nil || !Descriptor.standardOutput.isTerminal else {
                throw CommandFailure(.usage, "a bundle is not for the screen; name a file with -o")
            }
            var bundle = SessionBundleWriter { try file.write($0) }
            try bundle.write(sessions.map(\.id), of: library.reader)
        case .cast:
            try file.write(Array(try CastWriter(of: RecordingLoader(library).load(sessions)).text.utf8))
        case .json:
            let recording = try RecordingLoader(library).load(sessions)
            let owners = Dictionary(recording.sources.map { ($0.id, $0) }) { first, _ in first }
            for timed in recording.events {
                guard let owner = owners[timed.address.source] else { continue }
                let line = EventJSON.encode(timed, session: owner.session, user: owner.user).encoded
                try file.write(Array((line + "\n").utf8))
            }
        }
        try file.finish()
    }
}

/// What a verb writes, part by part: to standard output, or to a file that is there only when it is whole.
final class OutputFile {
    private let name: String
    private let output: Output
    private let target: URL?
    private let partial: URL?
    private let handle: FileHandle?
    private var buffer: [UInt8] = []
    private var count = 0
    private static let bufferSize = 1 << 16

    /// - Parameter name: nil or - for standard output.
    init(_ name: String?, overwrites: Bool, _ output: Output) throws {
        self.output = output
        self.name = name ?? "-"
        guard let name, name != "-" else {
            (target, partial, handle) = (nil, nil, nil)
            return
        }
        let url = URL(fileURLWithPath: name)
        if !overwrites, FileManager.default.fileExists(atPath: url.path) {
            throw CommandFailure(.cannotWrite, "\(name) is there already; --overwrite writes over it")
        }
        let partial = url.deletingLastPathComponent()
            .appendingPathComponent(".\(url.lastPathComponent).\(Machine.processID)")
        guard FileManager.default.createFile(atPath: partial.path, contents: nil),
            let handle = FileHandle(forWritingAtPath: partial.path)
        else { throw CommandFailure(.cannotWrite, "cannot write \(name): \(String(cString: strerror(errno)))") }
        (target, self.partial, self.handle) = (url, partial, handle)
    }

    func write(_ bytes: [UInt8]) throws {
        count += bytes.count
        buffer += bytes
        if buffer.count >= Self.bufferSize { try flush() }
    }

    private func flush() throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        guard let handle else { return output.bytes(buffer) }
        do { try handle.write(contentsOf: buffer) } catch {
            throw CommandFailure(.cannotWrite, "cannot write \(name): \(error.localizedDescription)")
        }
    }

    /// Puts the file in its place.
    func finish() throws {
        try flush()
        guard let handle, let target, let partial else { return }
        do { try handle.close() } catch {
            throw CommandFailure(.cannotWrite, "cannot write \(name): \(error.localizedDescription)")
        }
        guard rename(partial.path, target.path) == 0 else {
            throw CommandFailure(.cannotWrite, "cannot write \(name): \(String(cString: strerror(errno)))")
        }
        output.message("\(name)  \(count) bytes")
    }

    /// Takes away what was not finished.
    func discard() { if let partial { try? FileManager.default.removeItem(at: partial) } }
}
