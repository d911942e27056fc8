import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation

/// Takes in recordings of other programs, and bundles.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in bundles, asciicasts, script(1) recordings and editing traces.",
        discussion: """
            The format is told by the content; gzip is unpacked. A script(1) recording is two files: typescript and timing.
            Importing the same file twice adds nothing. A file with an error is refused whole, with the line and the reason.

            Examples:
              playhead import demo.cast
              playhead import typescript timing
              playhead import colleague.playhead
            """)

    @Argument(help: ArgumentHelp("The files; - is standard input.", valueName: "file"))
    var files: [String]

    @Option(help: "asciicast, editing-trace, typescript, script-timing or playhead, if the content does not tell.")
    var format: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let output = common.output
        var inputs: [ImportInput] = []
        var bundles: [(name: String, bytes: [UInt8])] = []
        for file in files {
            let bytes = try read(file)
            if format == "playhead" || (format == nil && SessionBundle.isBundle(bytes)) {
                bundles.append((file, bytes))
            } else {
                inputs.append(try ImportInput(name: file == "-" ? "stdin" : file, bytes: bytes))
            }
        }
        let known = try format.flatMap { name -> ImportFormat? in
            if name == "playhead" { return nil }
            guard let known = ImportFormat(rawValue: name) else {
                throw CommandFailure(
                    .usage,
                    "there is no format '\(name)'; there are playhead, asciicast, editing-trace, typescript, script-timing"
                )
            }
            return known
        }
        let sessions = try Importer.read(inputs, format: known)
        let parsed = try bundles.map { try SessionBundle(bytes: $0.bytes, name: $0.name) }
        let client = try AgentClient(common.settings.agent)
        let user = common.settings.user
        for session in sessions {
            for warning in session.warnings { output.message("playhead: \(warning)") }
            var added = 0
            for source in session.sources {
                let batches = source.batches(session: session.id, user: user)
                added += try client.append(batches, source: source.id) { done in
                    output.progress("importing \(session.title): \(done) of \(batches.count) batches")
                }
            }
            output.progress("")
            tell(session.id, title: session.title, added: added)
        }
        for bundle in parsed {
            var added = 0
            for (done, source) in bundle.sources.enumerated() {
                added += try add(source, client)
                output.progress("importing source \(done + 1) of \(bundle.sources.count)")
            }
            output.progress("")
            for session in bundle.sessions { tell(session, title: "", added: added) }
        }
    }

    /// - Returns: how many batches were new.
    private func add(_ source: SessionBundle.Source, _ client: AgentClient) throws -> Int {
        let request: JSONValue = ["do": "head", "source": .string("\(source.id)")]
        let known = UInt64(clamping: try client.ask(request)["head"]?.integer ?? 0)
        for part in source.parts where part.body.seqs.upperBound > known {
            switch part.body {
            case .batch(let batch): _ = try client.append([batch], source: source.id)
            case .sealed: try client.append(sealed: part.stored)
            }
        }
        let last = source.parts.last?.body.seqs.upperBound ?? 0
        return Int(clamping: last > known ? last - known : 0)
    }

    private func tell(_ session: SessionID, title: String, added: Int) {
        if common.json {
            common.output.json([
                "session": .string("\(session)"), "short": .string(session.short), "title": .string(title),
                "batches_added": .integer(Int64(added)),
            ])
        } else {
            common.output.line(
                "\(session.short)  \(EventLine.printable(title))\(added == 0 ? "  (was there already)" : "")")
        }
    }

    private func read(_ file: String) throws -> [UInt8] {
        do {
            if file == "-" { return Array(try FileHandle.standardInput.readToEnd() ?? Data()) }
            return Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        } catch {
            throw CommandFailure(.missing, "cannot read \(file): \(error.localizedDescription)")
        }
    }
}
