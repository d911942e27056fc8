import TestSupport
import Testing

/// Exit statuses and messages as CLI.md has them.
@Suite struct UsageTests {
    @Test(
        arguments: [
            (["lsx"], 64, "did you mean 'ls'?"), (["re"], 64, "may be rebuild, rec"),
            (["cat", "--nonsense"], 64, "nonsense"),
            (["cat", "nobody"], 66, "there is no session"), (["import", "nowhere.cast"], 66, "nowhere.cast"),
        ] as [([String], Int32, String)])
    func failures(arguments: [String], status: Int32, message: String) async throws {
        let playhead = try Playhead()
        let outcome = try await playhead.run(arguments)
        #expect(outcome.status == status)
        #expect(outcome.error.contains(message), "\(outcome.error)")
        #expect(outcome.output.isEmpty)
    }

    @Test func everyVerbHasHelpWithAnExample() async throws {
        let playhead = try Playhead()
        let help = try await playhead.run(["--help"])
        let verbs = help.lines.compactMap { line -> String? in
            guard line.hasPrefix("  "), let word = line.split(separator: " ").first else { return nil }
            return line.dropFirst(2).first?.isLetter == true ? String(word) : nil
        }.filter { $0 != "playhead" && $0 != "See" && $0 != "help" }
        #expect(verbs.count > 10)
        for verb in Set(verbs) {
            let text = try await playhead.run([verb, "--help"])
            #expect(text.status == 0)
            #expect(text.output.contains("playhead \(verb)"), "\(verb) shows no example")
            let lines = text.output.split(separator: "\n", omittingEmptySubsequences: false)
            for (line, next) in zip(lines, lines.dropFirst()) where line.hasPrefix("  playhead ") {
                #expect(next.isEmpty || next.hasPrefix("  "), "wider than 80 columns: \(line) | \(next)")
            }
        }
    }

    @Test func abbreviatedVerbsWork() async throws {
        let playhead = try Playhead()
        #expect(try await playhead.run(["stat", "--json"]).status == 64, "status or stats")
        #expect(try await playhead.run(["statu", "--json"]).status == 0)
    }

    @Test func aTitleIsShownNotObeyed() async throws {
        let playhead = try Playhead()
        let title = "a\u{1B}]2;title\u{7}b"
        #expect(try await playhead.run(["rec", "--headless", "-q", "-t", title, "-c", "true"]).status == 0)
        let listed = try await playhead.run(["ls"])
        #expect(listed.output.contains("]2;title"))
        #expect(!listed.output.contains("\u{1B}") && !listed.output.contains("\u{7}"))
    }
}
