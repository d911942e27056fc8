import Archive
import ArgumentParser
import EventSchema

/// Goes through the archive and says what is wrong.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read the whole archive and say everything that is not as it was written (exit 65 if anything).",
        discussion: "Examples:\n  playhead verify && echo sound\n  playhead verify --team")

    @Flag(help: "The team's archive that `serve` keeps here, instead of your own.")
    var team = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let output = common.output
        let home = ArchiveHome(common.settings.home.directory, of: team ? .team : .person)
        let verification = try Verification(of: ArchiveReader(home: home)) { done, of in
            output.progress("verifying source \(done) of \(of)")
        }
        output.progress("")
        if common.json {
            for finding in verification.findings { output.json(["finding": .string(finding.description)]) }
            output.json([
                "sound": .bool(verification.findings.isEmpty), "sources": .integer(Int64(verification.sources)),
                "batches": .integer(Int64(clamping: verification.batches)),
                "events": .integer(Int64(verification.events)),
            ])
        } else {
            for finding in verification.findings { output.line(finding.description) }
            output.message(
                "\(verification.events) events in \(verification.batches) batches of \(verification.sources) sources: "
                    + (verification.findings.isEmpty ? "sound" : "\(verification.findings.count) findings"))
        }
        guard verification.findings.isEmpty else { throw CommandFailure(.badData, "the archive is not sound") }
    }
}

/// Says how large the archive is.
struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Say what is stored, how large it is, and how far the index is.",
        discussion: "Example:  playhead stats --json")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let library = try Library(common.settings)
        let stats = try ArchiveStatistics(of: library.reader, home: common.settings.home)
        let rows: [(String, Int)] = [
            ("archive_bytes", stats.archiveBytes), ("index_bytes", stats.indexBytes), ("sessions", stats.sessions),
            ("sources", stats.sources), ("batches", stats.batches), ("edits", stats.edits),
            ("live_rows", stats.liveRows),
            ("live_bytes", stats.liveBytes), ("sealed_rows", stats.sealedRows), ("sealed_bytes", stats.sealedBytes),
            ("keyframes", stats.keyframes), ("keyframe_bytes", stats.keyframeBytes), ("ahead", stats.ahead),
            ("conflicts", stats.conflicts), ("quarantined", stats.quarantined), ("index_behind", stats.indexBehind),
        ]
        if common.json {
            common.output.json(.object(rows.map { (key: $0.0, value: .integer(Int64($0.1))) }))
            return
        }
        for (name, value) in rows {
            let label = name.replacing("_", with: " ")
            common.output.line(label + String(repeating: " ", count: max(1, 18 - label.count)) + "\(value)")
        }
        if stats.edits > 0 {
            let perEdit = Double(stats.archiveBytes) / Double(stats.edits)
            common.output.line("bytes per edit    \((perEdit * 100).rounded() / 100)")
        }
    }
}
