import EventSchema
import Replay
import TestSupport
import Testing

@Suite struct TimeMapTests {
    private func map(_ build: (inout RecordingMaker) -> Void, limit: Duration? = .seconds(2), speed: Double = 1)
        -> TimeMap
    {
        var maker = RecordingMaker()
        build(&maker)
        return TimeMap(of: Activity(of: maker.recording()), idleLimit: limit, speed: speed)
    }

    private func play(_ map: TimeMap, _ seconds: Double) -> Double {
        map.play(of: RecordingMaker.base + .seconds(seconds)).seconds
    }

    @Test func gapsUpToTheLimitStayAndLongerOnesAreCapped() {
        let map = map {
            $0.type("a", offset: 0, at: 0)
            $0.type("b", offset: 1, at: 1.5)
            $0.type("c", offset: 2, at: 61.5)
            $0.type("d", offset: 3, at: 62)
        }
        #expect(map.total == .seconds(4))
        #expect(play(map, 1.5) == 1.5)
        #expect(play(map, 31.5) == 2.5)
        #expect(play(map, 61.5) == 3.5)
        #expect(map.gaps.map(\.kind) == [.capped])
    }

    @Test func breaksAreCards() {
        let map = map {
            $0.type("a", offset: 0, at: 0)
            $0.type("b", offset: 1, at: 11_520)
        }
        #expect(map.total == TimeMap.cardLength)
        #expect(map.gaps.map(\.kind) == [.cut])
    }

    @Test func outputOfACommandDoesNotEndIdleness() {
        let map = map {
            $0.command(1, "make", at: 0)
            for tick in 1...600 { $0.output(".", at: Double(tick) / 10) }
            $0.finish(1, status: 0, at: 60)
            $0.command(2, "ls", at: 61)
        }
        #expect(map.total == .seconds(2))
        #expect(abs(play(map, 30.5) - 1) < 0.001)
    }

    @Test func outputIsActivityWhereNothingElseTellsOfAPerson() {
        let map = map { for tick in 0...60 { $0.output("x", at: Double(tick)) } }
        #expect(map.total == .seconds(60))
    }

    @Test func capsFirstThenDividesBySpeed() {
        let map = map(
            {
                $0.type("a", offset: 0, at: 0)
                $0.type("b", offset: 1, at: 100)
            }, speed: 4)
        #expect(map.total == Duration.milliseconds(500))
    }

    @Test func anOpenSessionGoesOnBehindItsEnd() {
        var maker = RecordingMaker()
        maker.type("a", offset: 0, at: 0)
        maker.type("b", offset: 1, at: 1)
        let open = TimeMap(of: Activity(of: maker.recording(isOpen: true)))
        #expect(open.play(of: RecordingMaker.base + .seconds(11)) == .seconds(11))
        #expect(open.record(at: .seconds(11)) == RecordingMaker.base + .seconds(11))
        let closed = TimeMap(of: Activity(of: maker.recording()))
        #expect(closed.play(of: RecordingMaker.base + .seconds(11)) == .seconds(1))
    }

    /// Both directions are monotone, and an event is due exactly when its time is within what is shown.
    @Test(arguments: 0..<40) func directionsBelongTogether(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var maker = RecordingMaker()
        var second = 0.0
        for number in 0..<Int.random(in: 1...200, using: &random) {
            second += [0, 0.000_001, 0.05, 0.4, 3, 90, 4000].randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<4, using: &random) {
            case 0: maker.command(UInt32(number), "make", at: second)
            case 1: maker.output("x", at: second)
            default: maker.type("x", offset: 0, at: second)
            }
        }
        let recording = maker.recording()
        let activity = Activity(of: recording)
        let limits: [Duration?] = [nil, .zero, .milliseconds(300), .seconds(2)]
        let limit = limits[Int.random(in: 0..<4, using: &random)]
        let speed: Double = [0.5, 1, 3, 360][Int.random(in: 0..<4, using: &random)]
        let wanted = Duration.seconds(Double.random(in: 0.01...60, using: &random))
        let fit = Fit(wanted, of: activity, scenes: Scenes(of: recording, activity: activity)).map
        for map in [TimeMap(of: activity, idleLimit: limit, speed: speed), fit] {
            check(map, recording, &random, seed)
        }
        #expect(fit.total <= wanted + .milliseconds(1), "seed \(seed)")
    }

    private func check(_ map: TimeMap, _ recording: Recording, _ random: inout SeededGenerator, _ seed: Int) {
        #expect(map.start == recording.start && map.end == recording.end, "seed \(seed)")
        var last = Duration.zero
        for event in recording.events {
            let place = map.play(of: event.time)
            #expect(place >= last && place <= map.total, "seed \(seed)")
            last = place
        }
        #expect(map.play(of: recording.end) == map.total, "seed \(seed)")
        var positions = (0..<50).map { _ in
            Duration.microseconds(Int64.random(in: 0...map.total.wholeMicroseconds, using: &random))
        }
        positions.sort()
        var lastTime = RecordTime.distantPast
        for position in positions {
            let time = map.record(at: position)
            #expect(time >= lastTime && time >= map.start && time <= map.end, "seed \(seed)")
            lastTime = time
            for _ in 0..<20 {
                let other = recording.events[Int.random(in: 0..<recording.events.count, using: &random)].time
                #expect((other <= time) == (map.play(of: other) <= position), "seed \(seed)")
            }
        }
    }

    @Test func dirtyClocksNeitherFreezeNorReorder() {
        var maker = RecordingMaker()
        maker.type("a", offset: 0, at: 0)
        maker.type("b", offset: 1, at: 10)
        let clean = maker.recording().events
        var dirty = clean
        dirty.append(clean[1])
        dirty[2].time = .epoch
        dirty.append(clean[1])
        dirty[3].time = RecordTime(microseconds: .max)
        let recording = Recording(sessions: [], sources: [], events: dirty)
        let map = TimeMap(of: Activity(of: recording))
        #expect(map.total == .seconds(2) + TimeMap.cardLength)
        #expect(recording.events.map(\.address) == dirty.map(\.address))
    }
}
