import EventSchema
import Replay
import Testing

@Suite struct PlayerTests {
    private func player(paused: Bool = false, markers: [Double] = [], stopping: Bool = false) -> Player {
        var maker = RecordingMaker()
        for second in [0, 1, 2, 100, 101] as [Double] { maker.type("x", offset: 0, at: second) }
        let recording = maker.recording()
        let activity = Activity(of: recording)
        return Player(
            times: recording.events.map(\.time), shown: activity.entries.map(\.index), map: TimeMap(of: activity),
            other: TimeMap(of: activity, idleLimit: nil), markers: markers.map { RecordingMaker.base + .seconds($0) },
            isPaused: paused, pausesOnMarkers: stopping)
    }

    @Test func playsToTheEndAndHolds() {
        var player = player()
        var now = Duration.zero
        var actions = player.start(at: now)
        var shownAt: [Double] = []
        loop: while true {
            for action in actions {
                switch action {
                case .advance: shownAt.append(now.seconds)
                case .sleep(let until): now = until
                case .wait: break loop
                case .draw, .rebuild: break
                }
            }
            actions = player.wake(at: now)
        }
        // The gap of 98 s takes 2 s.
        #expect(shownAt.map { ($0 * 1000).rounded() } == [0, 1000, 2000, 4000, 5000])
        #expect(player.isAtEnd && player.applied == 5)
    }

    @Test func pauseHoldsAndSpeedCounts() {
        var player = player()
        _ = player.start(at: .zero)
        #expect(player.handle(.togglePause, at: .seconds(1.5)).last == .wait)
        #expect(player.wake(at: .seconds(50)).first == .draw)
        #expect(player.position == .seconds(1.5))
        _ = player.handle(.togglePause, at: .seconds(60))
        _ = player.handle(.faster, at: .seconds(60))
        _ = player.wake(at: .seconds(61))
        #expect(player.position == .seconds(3.5))
        for _ in 0..<20 { _ = player.handle(.faster, at: .seconds(61)) }
        #expect(player.speed == Player.fastest)
    }

    @Test func seeksBothWays() {
        var player = player(paused: true)
        _ = player.start(at: .zero)
        #expect(player.handle(.seekToFraction(1), at: .zero).first == .advance(to: 5))
        #expect(player.handle(.seekBy(.seconds(-3.5)), at: .zero).first == .rebuild(to: 2))
        #expect(player.handle(.seek(RecordingMaker.base + .seconds(50)), at: .zero).first == .advance(to: 3))
        #expect(player.handle(.seekBy(.seconds(-1000)), at: .zero).first == .rebuild(to: 1))
        #expect(player.position == .zero)
    }

    @Test func stepsEventByEvent() {
        var player = player()
        _ = player.start(at: .zero)
        #expect(player.handle(.step(1), at: .seconds(0.2)) == [.advance(to: 2), .draw, .wait])
        #expect(player.position == .seconds(1))
        #expect(player.handle(.step(-1), at: .seconds(0.3)).first == .rebuild(to: 1))
        #expect(player.handle(.step(-1), at: .seconds(0.3)).first == .rebuild(to: 0))
        #expect(player.handle(.step(-1), at: .seconds(0.3)) == [.draw, .wait])
        #expect(player.isPaused)
    }

    @Test func idleOffKeepsTheMoment() {
        var player = player(paused: true)
        _ = player.start(at: .zero, from: RecordingMaker.base + .seconds(100))
        #expect(player.position == .seconds(4))
        _ = player.handle(.toggleIdle, at: .zero)
        #expect(player.position == .seconds(100) && player.usesOther)
        _ = player.handle(.toggleIdle, at: .zero)
        #expect(player.position == .seconds(4) && !player.usesOther)
    }

    @Test func markers() {
        var player = player(markers: [1, 100], stopping: true)
        _ = player.start(at: .zero)
        _ = player.wake(at: .seconds(1.7))
        #expect(player.isPaused && player.position == .seconds(1))
        _ = player.handle(.nextMarker, at: .seconds(2))
        #expect(player.recordTime == RecordingMaker.base + .seconds(100))
        _ = player.handle(.previousMarker, at: .seconds(2))
        #expect(player.recordTime == RecordingMaker.base + .seconds(1))
        _ = player.handle(.previousMarker, at: .seconds(2))
        #expect(player.position == .seconds(0))
    }
}
