import Replay
import Testing
import Viewer

@Suite struct NarratorTests {
    @Test func tellsCommandsEditsNotesAndCuts() {
        let recording = SampleSession.recording()
        var narrator = Narrator(of: recording, map: TimeMap(of: Activity(of: recording)), clock: SampleSession.clock)
        let lines = narrator.advance(to: recording.events.count).map(\.text)
        #expect(lines.first == "shop $ pytest -x")
        #expect(lines.contains("E assert 200 == 401"))
        #expect(lines.contains("exit 1 after 0.41 s"))
        #expect(lines.contains { $0.hasSuffix("src/token.py  refresh()") })
        #expect(lines.contains("  -    6      return claims"))
        #expect(lines.contains("  +    6      if claims.exp < now():"))
        #expect(lines.contains { $0.contains("NEXT: expired tokens") })
        #expect(lines.contains { $0.hasPrefix("---- 1 h 1 min later, ") })
        #expect(lines.allSatisfy { !$0.contains("\u{1B}") })
    }
}
