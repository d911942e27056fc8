import EventSchema
import Replay

/// A viewer of a live session who has gone back: a player over what had happened then, which grows until it has caught
/// up.
struct LiveReplay {
    private(set) var state: PlaybackState
    private(set) var player: Player
    private let idleLimit: Duration?
    /// How many times faster it plays what came meanwhile, once it has shown what it began with.
    static let catchUp = 8.0
    /// Nearer than this it is live.
    static let nearly = Duration.milliseconds(300)

    /// Stands at the live edge.
    init(of live: LiveRecording, idleLimit: Duration?, at now: Duration) {
        self.init(of: live, from: live.recording.end, fit: nil, idleLimit: idleLimit, at: now)
    }

    /// Plays from a moment; where a length is given, all from there on in that length.
    init(of live: LiveRecording, from time: RecordTime, fit: Duration?, idleLimit: Duration?, at now: Duration) {
        self.idleLimit = idleLimit
        state = live.playback
        let recording = live.recording
        let activity = Activity(of: recording)
        var map = TimeMap(of: activity, idleLimit: idleLimit)
        if let fit {
            map = Fit(fit, of: activity, scenes: Scenes(of: recording, activity: activity)).map
        }
        player = Self.player(of: recording, activity, map, speed: 1, isPaused: false)
        perform(player.start(at: now, from: time))
    }

    private static func player(
        of recording: Recording, _ activity: Activity, _ map: TimeMap, speed: Double, isPaused: Bool
    ) -> Player {
        Player(
            times: recording.events.map(\.time), shown: activity.entries.map(\.index), map: map,
            other: TimeMap(of: activity, idleLimit: nil), markers: TerminalPlayer.markers(of: recording), speed: speed,
            isPaused: isPaused, tick: .milliseconds(100))
    }

    mutating func handle(_ command: Player.Command, at now: Duration) { perform(player.handle(command, at: now)) }

    /// Plays on; gives how long nothing is due.
    mutating func wake(at now: Duration) -> Duration? { perform(player.wake(at: now)).map { max($0 - now, .zero) } }

    @discardableResult
    private mutating func perform(_ actions: [Player.Action]) -> Duration? { state.carryOut(actions) }

    /// At the end of what it knew it takes what has come since, and plays that faster.
    ///
    /// - Returns: whether nothing is left: the viewer is live again.
    mutating func hasCaughtUp(with live: LiveRecording, at now: Duration) -> Bool {
        guard player.isAtEnd, !player.isPaused else { return false }
        let recording = live.recording
        guard recording.events.count > state.recording.events.count else { return true }
        let time = player.recordTime
        let activity = Activity(of: recording)
        let map = TimeMap(of: activity, idleLimit: min(idleLimit ?? .seconds(1), .seconds(1)))
        let speed = max(player.speed, Self.catchUp)
        guard (map.total - map.play(of: time)) / speed > Self.nearly else { return true }
        state = live.playback
        player = Self.player(of: recording, activity, map, speed: speed, isPaused: false)
        perform(player.start(at: now, from: time))
        return false
    }

    /// How far behind, and how to come back.
    func words(behind live: LiveRecording, _ clock: ClockFormat) -> String {
        let behind = live.recording.end - player.recordTime
        return behind < .seconds(1) ? "l back to live" : "\(DurationText.words(behind)) behind, l back to live"
    }
}
