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
            cast      an asciicast v3 of the terminal; edits and notes ride along in events that asciinema skips
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
        let bytes: [UInt8]
        switch format {
        case .playhead:
            guard output != nil || !Descriptor.standardOutput.isTerminal else {
                throw CommandFailure(.usage, "a bundle is not for the screen; name a file with -o")
            }
            bytes = try SessionBundle(of: sessions.map(\.id), in: library.reader).encoded
        case .cast:
            bytes = Array(try CastWriter(of: RecordingLoader(library).load(sessions)).text.utf8)
        case .json:
            let recording = try RecordingLoader(library).load(sessions)
            let owners = Dictionary(recording.sources.map { ($0.id, $0) }) { first, _ in first }
            bytes = Array(
                recording.events.compactMap { timed in
                    owners[timed.address.source].map {
                        EventJSON.encode(timed, session: $0.session, user: $0.user).encoded + "\n"
                    }
                }.joined().utf8)
        }
        try write(bytes)
    }

    private func write(_ bytes: [UInt8]) throws {
        guard let output, output != "-" else { return common.output.bytes(bytes) }
        let url = URL(fileURLWithPath: output)
        if !overwrite, FileManager.default.fileExists(atPath: url.path) {
            throw CommandFailure(.cannotWrite, "\(output) is there already; --overwrite writes over it")
        }
        do {
            try Data(bytes).write(to: url, options: .atomic)
        } catch {
            throw CommandFailure(.cannotWrite, "cannot write \(output): \(error.localizedDescription)")
        }
        common.output.message("\(output)  \(bytes.count) bytes")
    }
}
