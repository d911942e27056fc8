import Archive
import ArgumentParser
import Delivery
import EventSchema
import Foundation
import Viewer

/// Finds the moments in which a text occurs.
struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find commands, notes, files and titles, each with the moment to play.",
        discussion: """
            Newest first, in any case of the letters a to z. Ends with 1 where nothing is found.

            Examples:
              playhead search 'conda activate'
              playhead search migrate --kind command --since yesterday
              playhead search parser @alice --broker amqp://bob:…@mq.example/team
              playhead play "$(playhead search voila --json | head -1 | jq -r .moment)"
            """)

    /// What can be found.
    enum Kind: String, ExpressibleByArgument, CaseIterable { case command, note, file, title }

    @Argument(help: "What to look for.")
    var text: String

    @OptionGroup var what: WhatOptions

    @Option(help: "Only these: command, note, file or title.")
    var kind: Kind?

    @Option(name: .shortAndLong, help: "At most so many of each kind.")
    var limit = 50

    @OptionGroup var broker: BrokerOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if text.isEmpty { throw ValidationError("a search for nothing") }
        if !(1...1000).contains(limit) { throw ValidationError("--limit is 1 to 1000") }
    }

    func run() throws {
        let login = try broker.login
        let library = try Library(common.settings, broker: login)
        let sessions = Dictionary(
            try what.sessions(of: library).map { ($0.id, $0) }
        ) { first, _ in first }
        let findings = try findings(library, login, among: Array(sessions.keys))
        var found: [String: Int] = [:]
        for finding in findings where kind.map({ $0.rawValue == finding.kind }) ?? true {
            guard let session = sessions[finding.session], found[finding.kind, default: 0] < limit else { continue }
            found[finding.kind, default: 0] += 1
            let line = FindingLine(finding, in: session)
            if common.json { common.output.json(line.json) } else { common.output.line(line.text) }
        }
        guard !found.isEmpty else {
            common.output.message("Nothing found.")
            throw CommandFailure.exit(CommandFailure.Status.failed.rawValue)
        }
    }

    /// So many are looked through; what is wanted is chosen among them.
    private static let most = 1000

    private func findings(
        _ library: Library, _ login: BrokerLogin?, among sessions: [SessionID]
    ) throws -> [SearchFinding] {
        guard let login else { return try library.reader.search(text, most: Self.most) }
        return try blocking { [text] in
            let client = try await ArchiveClient(login)
            let findings = try await client.search(text, among: sessions, most: Self.most)
            await client.close()
            return findings
        }
    }
}

/// One moment on one line: what to type to see it, when, whose, and what.
struct FindingLine {
    private let finding: SearchFinding
    private let session: SessionSummary
    /// `SESSION@T`.
    private let moment: String

    init(_ finding: SearchFinding, in session: SessionSummary) {
        self.finding = finding
        self.session = session
        // A moment has every event up to it: the second that is over holds what was found.
        let seconds = max(0, finding.time.microseconds - session.first.microseconds + 999_999) / 1_000_000
        let (minutes, rest) = (seconds / 60 % 60, seconds % 60)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        moment =
            session.id.short
            + (seconds < 60 ? "@+\(seconds)s" : "@+\(seconds / 3600):\(two(minutes)):\(two(rest))")
    }

    var text: String {
        let time = LocalTime(finding.time)
        let line = Sanitize.line(finding.text.split(separator: "\n").first.map(String.init) ?? "")
        return "\(TextWidth.padded(moment, to: 17))  \(time.day) \(time.clock)  @\(Sanitize.line(finding.user))  "
            + "\(TextWidth.padded(finding.kind, to: 7))  \(line)"
    }

    var json: JSONValue {
        [
            "session": .string("\(session.id)"), "short": .string(session.id.short), "user": .string(finding.user),
            "time": .string(finding.time.rfc3339), "kind": .string(finding.kind), "text": .string(finding.text),
            "moment": .string(moment),
        ]
    }
}
