import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation
import Viewer

/// Takes in recordings of other programs, and bundles.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in bundles, asciicasts, script(1) recordings and editing traces.",
        discussion: """
            The format is told by the content; gzip is unpacked. A script(1) recording is two files: typescript and timing. \
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
        var bundles: [(name: String, file: URL)] = []
        let folder = try PrivateDirectory()
        defer { folder.remove() }
        for file in files {
            switch try read(file, folder) {
            case .bundle(let url): bundles.append((file, url))
            case .bytes(let bytes): inputs.append(try ImportInput(name: file == "-" ? "stdin" : file, bytes: bytes))
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
        let parsed = try bundles.map { try SessionBundle(file: $0.file, name: $0.name) }
        let client = try AgentClient(common.settings.agent)
        let user = common.settings.user
        for session in sessions {
            for warning in session.warnings { output.message("playhead: \(warning)") }
            var added = 0
            for source in session.sources {
                let batches = source.batches(session: session.id, user: user)
                added += try client.append(batches, source: source.id) { done in
                    output.progress("importing \(Sanitize.line(session.title)): \(done) of \(batches.count) batches")
                }
            }
            output.progress("")
            tell(session.id, title: session.title, added: added)
        }
        for bundle in parsed {
            let added = try add(bundle, client)
            output.progress("")
            for session in bundle.sessions { tell(session, title: "", added: added) }
        }
    }

    /// Hands over what the archive does not have, part by part.
    ///
    /// - Returns: how many batches were new.
    private func add(_ bundle: SessionBundle, _ client: AgentClient) throws -> Int {
        var known: [SourceID: UInt64] = [:]
        var added: UInt64 = 0
        for source in bundle.sources {
            let request: JSONValue = ["do": "head", "source": .string("\(source.id)")]
            let head = UInt64(clamping: try client.ask(request)["head"]?.integer ?? 0)
            known[source.id] = head
            added += source.lastSeq > head ? source.lastSeq - head : 0
        }
        // Batches that follow each other go together.
        var (waiting, bytes, done): ([CheckedBatch], Int, UInt64) = ([], 0, 0)
        func flush() throws {
            if let source = waiting.first?.source { _ = try client.append(waiting, source: source) }
            done += UInt64(waiting.count)
            common.output.progress("importing: \(done) of \(added) batches")
            (waiting, bytes) = ([], 0)
        }
        try bundle.forEachPart { part in
            switch part.body {
            case .batch(let batch):
                guard batch.seq > known[batch.source] ?? 0 else { return }
                if bytes > 1 << 20 || waiting.first.map({ $0.source != batch.source }) == true { try flush() }
                waiting.append(batch)
                bytes += batch.encoded.count
            case .sealed(let block):
                guard block.lastSeq > known[block.source] ?? 0 else { return }
                try flush()
                try client.append(sealed: part.stored)
                done += block.lastSeq - block.firstSeq + 1
            }
        }
        try flush()
        return Int(clamping: added)
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

    private enum Given {
        case bundle(URL)
        case bytes([UInt8])
    }

    /// A bundle may be larger than the memory: it stays in its file; what comes on standard input is put into one.
    private func read(_ file: String, _ folder: PrivateDirectory) throws -> Given {
        do {
            let handle = file == "-" ? .standardInput : try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
            let start = try handle.read(upToCount: 1 << 16) ?? Data()
            guard format == "playhead" || (format == nil && SessionBundle.isBundle(Array(start))) else {
                return .bytes(Array(start) + Array(try handle.readToEnd() ?? Data()))
            }
            guard file == "-" else { return .bundle(URL(fileURLWithPath: file)) }
            let copy = URL(fileURLWithPath: "\(folder.path)/stdin")
            try start.write(to: copy)
            let writing = try FileHandle(forWritingTo: copy)
            defer { try? writing.close() }
            try writing.seekToEnd()
            while let more = try handle.read(upToCount: 1 << 20), !more.isEmpty { try writing.write(contentsOf: more) }
            return .bundle(copy)
        } catch {
            throw CommandFailure(.missing, "cannot read \(file): \(error.localizedDescription)")
        }
    }
}
