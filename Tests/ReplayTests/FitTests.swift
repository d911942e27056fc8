import EventSchema
import Replay
import TestSupport
import Testing

@Suite struct FitTests {
    private func fit(_ recording: Recording, _ length: Duration) -> (fit: Fit, scenes: Scenes) {
        let activity = Activity(of: recording)
        let scenes = Scenes(of: recording, activity: activity)
        return (Fit(length, of: activity, scenes: scenes), scenes)
    }

    /// A minute with real pauses and hardly any event: the pauses fill the length.
    @Test func aShortRecordingTakesTheLengthWanted() {
        var maker = RecordingMaker()
        maker.command(1, "echo one", at: 0)
        maker.output("one\r\n", at: 0.1)
        maker.finish(1, status: 0, at: 0.2)
        maker.command(2, "sleep 30", at: 20)
        maker.finish(2, status: 0, at: 50)
        maker.command(3, "echo two", at: 62)
        maker.finish(3, status: 0, at: 62.1)
        let (fit, _) = fit(maker.recording(), .seconds(5))
        #expect(abs((fit.map.total - .seconds(5)).seconds) < 0.001)
        #expect(fit.sentence == nil)
    }

    @Test func neverSlowerThanItWas() {
        var maker = RecordingMaker()
        maker.type("a", offset: 0, at: 0)
        maker.type("b", offset: 1, at: 3)
        #expect(fit(maker.recording(), .seconds(60)).fit.map.total == .seconds(3))
    }

    /// Eight hours: stretches of typing in changing files, commands that fail and pass, pauses.
    private func day() -> Recording {
        var random = SeededGenerator(seed: 7)
        var maker = RecordingMaker()
        for document in 1...4 as ClosedRange<UInt32> {
            maker.open("/home/dev/shop/file\(document).py", "def start():\n    pass\n", document: document, at: 0)
        }
        var second = 10.0
        var command: UInt32 = 0
        while second < 8 * 3600 {
            let document = UInt32.random(in: 1...4, using: &random)
            for _ in 0..<Int.random(in: 5...300, using: &random) {
                second += Double.random(in: 0.05...1.5, using: &random)
                maker.type("x", offset: 0, document: document, at: second)
            }
            command += 1
            maker.command(command, "pytest", at: second + 8)
            maker.output("..F\r\n", at: second + 10)
            maker.finish(command, status: Bool.random(using: &random) ? 0 : 1, at: second + 11)
            second += Double.random(in: 20...500, using: &random)
        }
        return maker.recording()
    }

    @Test func aDayFitsIntoFiveMinutes() {
        let recording = day()
        let (fit, scenes) = fit(recording, .seconds(300))
        let map = fit.map
        #expect(abs((map.total - .seconds(300)).seconds) < 0.01)
        #expect(fit.shownScenes == scenes.all.count)
        let lastTen = map.total - map.play(of: recording.end - .seconds(600))
        #expect(lastTen >= .seconds(45) && lastTen <= .seconds(75))
        let notable = scenes.all.filter { $0.edits >= 10 }
        #expect(notable.count > 50)
        for (scene, next) in zip(scenes.all, scenes.all.dropFirst()) where scene.edits >= 10 {
            #expect(map.play(of: next.start) - map.play(of: scene.start) >= .milliseconds(1199))
        }
        let pauses = map.gaps.reduce(Duration.zero) { $0 + ($1.play.upperBound - $1.play.lowerBound) }
        #expect(pauses <= .seconds(15.1))
        for stretch in map.stretches {
            #expect(
                stretch.play.upperBound - stretch.play.lowerBound <= stretch.record.upperBound
                    - stretch.record.lowerBound)
        }
    }

    @Test func tooLittleTimeShowsTheScenesOfMostEffortAndSaysSo() throws {
        let (fit, scenes) = fit(day(), .seconds(60))
        #expect(abs((fit.map.total - .seconds(60)).seconds) < 0.01)
        #expect(fit.shownScenes < scenes.all.count)
        let sentence = try #require(fit.sentence)
        #expect(sentence.hasPrefix("1m shows \(fit.shownScenes) of \(scenes.all.count) scenes, `--fit "))
        let enough = try #require(fit.enough)
        #expect(self.fit(day(), enough).fit.sentence == nil)
    }

    @Test(arguments: ["sveltecomponent", "json-crdt-blog-post"]) func openTracesFit(name: String) throws {
        let recording = try Recording.trace(name)
        let activity = Activity(of: recording)
        let scenes = Scenes(of: recording, activity: activity)
        for length in [20, 300] {
            let fit = Fit(.seconds(length), of: activity, scenes: scenes)
            let most = TimeMap(of: activity, idleLimit: nil).total
            #expect(abs((fit.map.total - min(most, .seconds(length))).seconds) < 0.01)
            #expect(scenes.all.count > 1)
            #expect(scenes.all.last?.events.upperBound == recording.events.count)
        }
    }
}
