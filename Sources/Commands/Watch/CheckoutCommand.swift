import Archive
import ArgumentParser
import EventSchema
import Foundation
import Model

/// Writes the files of a moment.
struct CheckoutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkout",
        abstract: "Write the files of a session as they were at any moment.",
        discussion: """
            Files are written under DIR, at their place in the workspace. A file that DIR has already is overwritten only \
            with --overwrite. Private files are not written: their content was never recorded.

            Examples:
              playhead checkout last --into before --at end-10m
              playhead checkout 7kq2mx --at 14:05 --into d --file src/token.py
            """)

    @Argument(help: "The session; SESSION@T is a moment of it.")
    var session: String

    @Option(help: "The moment: +42s, end-10m, 14:05, 50%, start, end, mark:NAME …")
    var at: String?

    @Option(help: ArgumentHelp("The directory to write to.", valueName: "DIR"))
    var into: String

    @Option(help: "Only this file, by its path in the workspace.")
    var file: String?

    @Flag(help: "As the files were on the disk, without what was not saved.")
    var saved = false

    @Flag(help: "Overwrite files that are there.")
    var overwrite = false

    @OptionGroup var broker: BrokerOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let library = try Library(common.settings, broker: broker.login)
        let (found, moment) = try MomentOption.split(session, at: at, library: library)
        let time = moment ?? .distantFuture
        try library.need([found])
        let state = try StateLoader(library.reader).state(of: found.id, at: time)
        let tree = FileTree(workspace: found.workspacePath, directory: into)
        var written = 0
        for entry in state.files(savedOnly: saved).values.sorted(by: { $0.path.lexicographicallyPrecedes($1.path) }) {
            let place = try tree.place(of: entry.path)
            if let file, place.relative != file { continue }
            guard case .bytes(let bytes) = entry.content else {
                common.output.message("not written: \(place.relative), a private file")
                continue
            }
            try tree.write(bytes, to: place, overwriting: overwrite)
            written += 1
            if common.json {
                common.output.json([
                    "file": .string(place.relative), "bytes": .integer(Int64(bytes.count)),
                    "unsaved": .bool(entry.isUnsaved),
                ])
            } else {
                common.output.message(
                    "\(place.relative)  \(bytes.count) bytes\(entry.isUnsaved ? "  (not saved then)" : "")")
            }
        }
        if written == 0 {
            throw CommandFailure(
                .missing, file.map { "session \(found.id.short) has no file \($0) then" } ?? "no file was open then")
        }
    }
}
