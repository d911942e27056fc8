import EventSchema
import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `scripts/demo.sh`, typed faster: what it prints is what its archive holds.
@Suite struct DemoTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Kinds of events that end idleness, besides edits and selections.
    private static let human: Set<String> = [
        "focus", "editor_command", "document_opened", "document_closed", "document_saved", "document_renamed",
        "document_deleted", "command_started", "terminal_opened", "terminal_input", "note", "marker", "paused",
        "resumed",
    ]

    @Test func itRecordsAMendedTestAndSaysHowLongItPlays() async throws {
        let place = try TemporaryHome()
        let demo = try await demo(in: place.file("demo"))
        #expect(demo.status == 0, "\(demo.output)\(demo.error)")
        let playhead = try Playhead(["PLAYHEAD_HOME": place.file("demo/archive").path])
        let cat = try await playhead.run(["cat", "last", "--json"])
        #expect(cat.status == 0, "\(cat.error)")
        let events = try cat.lines.map { try JSONReader.read($0.utf8) }

        let times = try events.map { try microseconds($0["time"]?.string) }
        let first = try #require(times.min())
        let work = try #require(times.max()) - first
        let line = "\(words(work)) of work in \(words(min(work, 9_000_000)))"
        #expect(demo.output.split(separator: "\n").contains { $0 == line }, "no line '\(line)' in \(demo.output)")
        #expect(demo.output.contains("raises IndexError: should it?"))
        #expect(demo.output.contains("Next:"))

        let idleCut = zip(events, times).filter { isHuman($0.0) }.map(\.1).reduce(into: (last: first, play: Int64(0))) {
            $0.play += min($1 - $0.last, 2_000_000)
            $0.last = $1
        }
        let total = idleCut.play + min(first + work - idleCut.last, 2_000_000)
        let play = try await playhead.run(["play", "last", "--plain", "-s", "8"])
        #expect(play.error.contains("\(words(work)) of work in \(words(total / 8))"), "\(play.error)")

        try statusesGoFromRedToGreen(events)
        try await theEditorIsMirrored(events, playhead, place.file("demo/median/median.py"))
    }

    private func statusesGoFromRedToGreen(_ events: [JSONValue]) throws {
        var texts: [Int64: String] = [:]
        var runs: [(text: String, status: Int64)] = []
        for event in events {
            guard let number = event["command"]?.integer else { continue }
            if event["kind"]?.string == "command_started" { texts[number] = event["text"]?.string }
            if event["kind"]?.string == "command_finished", let text = texts[number] {
                runs.append((text, try #require(event["status"]?.integer)))
            }
        }
        #expect(runs.filter { $0.text == "python3 -m unittest" }.map(\.status) == [1, 0])
        #expect(runs.filter { $0.text == "nvim median.py" }.map(\.status) == [0])
        #expect(runs.filter { $0.text.hasPrefix("python3 -c") }.map(\.status) == [1])
    }

    private func theEditorIsMirrored(_ events: [JSONValue], _ playhead: Playhead, _ file: URL) async throws {
        let kinds = events.compactMap { $0["kind"]?.string }
        let edits = events.filter { $0["kind"]?.string == "edit" }
        #expect(edits.count > 100, "every key is an edit")
        #expect(edits.contains { $0["origin"]?.string == "undo" })
        #expect(kinds.contains("document_saved"))
        #expect(!kinds.contains("document_resynced"))
        #expect(events.contains { $0["kind"]?.string == "note" && $0["next"]?.bool == true })
        let into = playhead.home.file("end")
        let checkout = try await playhead.run(["checkout", "last", "--at", "end", "--into", into.path])
        #expect(checkout.status == 0, "\(checkout.error)")
        #expect(try Data(contentsOf: into.appendingPathComponent("median.py")) == Data(contentsOf: file))
    }

    private func demo(in place: URL) async throws -> (status: Int32, output: String, error: String) {
        var variables: [Environment.Key: String] = [:]
        let settings = [
            "PLAYHEAD_DEMO_DIR": place.path, "PLAYHEAD_DEMO_PACE": "35",
            "PLAYHEAD_DEMO_PROGRAM": Playhead.programs.appendingPathComponent("playhead").path,
        ]
        for (name, value) in ProcessInfo.processInfo.environment.merging(settings, uniquingKeysWith: { $1 }) {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        let result = try await Subprocess.run(
            .path(FilePath(Self.root.appendingPathComponent("scripts/demo.sh").path)), environment: .custom(variables),
            input: .none, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let status: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
        return (status, result.standardOutput, result.standardError)
    }

    private func isHuman(_ event: JSONValue) -> Bool {
        let kind = event["kind"]?.string ?? ""
        switch kind {
        case "edit": return !["external", "tool", "revealed"].contains(event["origin"]?.string ?? "typed")
        case "selections": return event["inferred"]?.bool != true
        default: return Self.human.contains(kind)
        }
    }

    /// The time of a line of `cat --json`: whole seconds, then up to six digits.
    private func microseconds(_ text: String?) throws -> Int64 {
        let parts = try #require(text).dropLast().split(separator: ".").map(String.init)
        let whole = try Date(parts[0] + "Z", strategy: .iso8601).timeIntervalSince1970
        let digits = (parts.count > 1 ? parts[1] : "") + "000000"
        return Int64(whole) * 1_000_000 + (Int64(digits.prefix(6)) ?? 0)
    }

    private func words(_ microseconds: Int64) -> String {
        let seconds = (microseconds + 500_000) / 1_000_000
        if seconds < 60 { return "\(seconds) s" }
        return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(seconds % 60) s"
    }
}
