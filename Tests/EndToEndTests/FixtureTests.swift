import Foundation
import TestSupport
import Testing

/// asciinema-server's fixtures through the command: each valid one is taken, each broken one refused whole.
@Suite struct FixtureTests {
    private static let broken: Set<String> = [
        "1/invalid-data.json", "1/invalid-time-1.json", "1/invalid-time-2.json", "1/invalid.json",
        "1/wrong-event-length.json",
        "2/broken.cast", "2/invalid-code.cast", "2/invalid-data.cast", "2/invalid-resize.cast", "2/invalid-theme.cast",
        "2/invalid-time-1.cast", "2/invalid-time-2.cast", "2/wrong-event-length.cast", "3/broken.cast",
        "3/invalid-code.cast",
        "3/invalid-data.cast", "3/invalid-resize.cast", "3/invalid-time-1.cast", "3/invalid-time-2.cast",
        "3/wrong-event-length.cast",
    ]

    @Test func validOnesAreTakenAndBrokenOnesRefused() async throws {
        let playhead = try Playhead()
        let archive = try OpenData.url("open/terminal/asciicast-fixtures-v1v2v3.tar.gz").path
        let folder = playhead.home.file("fixtures").path
        let unpack = try await playhead.shell("mkdir '\(folder)' && tar xzf '\(archive)' -C '\(folder)'")
        #expect(unpack.status == 0, "\(unpack.error)")
        let base = "\(folder)/test/fixtures"
        let names = (FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []).filter {
            $0.contains(".")
        }.sorted()
        #expect(names.count == 39)
        var sessions = 0
        for name in names {
            let outcome = try await playhead.run(["import", "\(base)/\(name)"])
            if Self.broken.contains(name) {
                #expect(outcome.status == 65, "\(name): \(outcome.output)")
                #expect(outcome.error.contains("\(base)/\(name)"), "\(outcome.error)")
            } else {
                #expect(outcome.status == 0, "\(name): \(outcome.error)")
                sessions += 1
            }
            #expect(try await playhead.run(["ls"]).lines.count == sessions, "\(name) changed the archive")
        }
    }
}
