import EventSchema
import Model
import Replay
import Testing
import Viewer

@Suite struct StageTests {
    private func picture(at second: Double, columns: Int, rows: Int) -> [String] {
        let recording = SampleSession.recording()
        let activity = Activity(of: recording)
        var player = Player(
            times: recording.events.map(\.time), shown: activity.entries.map(\.index), map: TimeMap(of: activity),
            isPaused: true)
        var state = PlaybackState(of: recording)
        var stage = Stage(of: recording, clock: SampleSession.clock)
        for action in player.start(at: .zero, from: SampleSession.start + .seconds(second)) {
            if case .advance(let count) = action { state.move(to: count) }
        }
        let canvas = stage.draw(state, player, columns: columns, rows: rows)
        return (0..<rows).map(canvas.text(row:))
    }

    @Test func fileAboveTerminal() {
        let rows = picture(at: 28, columns: 80, rows: 24)
        #expect(rows[0] == " src/token.py   refresh()   not saved")
        #expect(rows.contains { $0.hasSuffix("if claims.exp < now():") })
        #expect(rows.contains("E assert 200 == 401"))
        #expect(rows[23].hasPrefix(" ‖ 0:10 of 0:1"))
        #expect(rows[23].contains("Mon 14 Sep"))
    }

    @Test func fileBesideTerminal() {
        let rows = picture(at: 28, columns: 140, rows: 24)
        #expect(rows[0].contains("src/token.py") && rows[0].contains("terminal"))
        #expect(rows.contains { $0.contains("def decode(token):") && $0.contains("│") })
    }

    @Test func aTerminalThatIsTooWideStandsBelow() {
        let rows = picture(at: 28, columns: 112, rows: 24)
        #expect(!rows[0].contains("terminal"))
        #expect(rows.contains("E assert 200 == 401"))
    }

    @Test func everySizeIsSafe() {
        for (columns, rows) in [(1, 1), (3, 2), (10, 3), (20, 5), (300, 90)] {
            #expect(picture(at: 28, columns: columns, rows: rows).count == rows)
        }
    }

    /// What is sent for a change, fed to a terminal that shows the first picture, makes the second.
    @Test func changesTurnOnePictureIntoTheNext() {
        let recording = SampleSession.recording()
        let activity = Activity(of: recording)
        var stage = Stage(of: recording, clock: SampleSession.clock)
        var state = PlaybackState(of: recording)
        let player = Player(times: [], shown: [], map: TimeMap(of: activity))
        var screen = Screen(columns: 100, rows: 30)
        var shown: Canvas?
        for count in stride(from: 0, through: recording.events.count, by: 3) {
            state.move(to: count)
            let canvas = stage.draw(state, player, columns: 100, rows: 30)
            screen.feed(Array(canvas.changes(from: shown).utf8))
            shown = canvas
            for row in 0..<30 { #expect(screen.text(row: row) == canvas.text(row: row)) }
        }
        #expect(shown?.changes(from: shown) == "")
    }

    @Test func keys() {
        var reader = KeyReader()
        #expect(
            reader.feed(Array(" \u{1B}[C\u{1B}[1;2D5.q".utf8)) == [
                .command(.togglePause), .command(.seekBy(.seconds(5))), .command(.seekByFraction(-0.1)),
                .command(.seekToFraction(0.5)), .command(.step(1)), .quit,
            ])
        #expect(reader.feed([0x1B]) == [] && reader.feed(Array("[5~".utf8)) == [.command(.seekBy(.seconds(600)))])
    }
}
