import Capture
import EventSchema
import Glibc
import Replay

/// Plays a recording as text at its pace, without needing a terminal.
public struct PlainPlayer {
    public enum Outcome: Sendable, Equatable {
        case finished
        /// SIGINT or SIGTERM came, with this number.
        case interrupted(CInt)
        /// Nobody reads any more.
        case closed
    }

    private var narrator: Narrator
    private var player: Player
    private let startTime: RecordTime?
    private let output: Descriptor
    private let inColour: Bool

    /// - Parameters:
    ///   - activity: of the lanes to be told.
    ///   - from: where to begin; nil: at the start.
    ///   - speed: on top of the map's own.
    public init(
        of recording: Recording, activity: Activity, map: TimeMap, speed: Double = 1, from startTime: RecordTime? = nil,
        clock: ClockFormat = ClockFormat(), output: Descriptor = .standardOutput, inColour: Bool = false
    ) {
        narrator = Narrator(of: recording, activity: activity, map: map, clock: clock)
        player = Player(
            times: recording.events.map(\.time), shown: activity.entries.map(\.index), map: map, speed: speed)
        self.startTime = startTime
        self.output = output
        self.inColour = inColour
    }

    /// Plays to the end. Blocks: call it on a thread of its own.
    ///
    /// - Throws: `SystemError` if the output cannot be written.
    public mutating func run() throws(SystemError) -> Outcome {
        let signals = try SignalPipe([SIGINT, SIGTERM])
        let clock = ContinuousClock()
        let start = clock.now
        var actions: [Player.Action]
        if let startTime {
            actions = player.start(at: .zero, from: startTime)
            narrator.skip(to: player.applied)
            actions.removeAll { if case .advance = $0 { true } else { false } }
        } else {
            actions = player.start(at: .zero)
        }
        while true {
            for action in actions {
                switch action {
                case .advance(let count):
                    guard try write(narrator.advance(to: count)) else { return .closed }
                case .sleep(let until):
                    let left = until - (clock.now - start)
                    _ = try Poller.wait(for: [.init(signals.descriptor, .readable)], timeout: max(left, .zero))
                    if let signal = try signals.take().first { return .interrupted(signal) }
                case .wait: return .finished
                case .rebuild, .draw: break
                }
            }
            actions = player.wake(at: clock.now - start)
        }
    }

    /// False if nobody reads any more.
    private func write(_ lines: [StyledLine]) throws(SystemError) -> Bool {
        guard !lines.isEmpty else { return true }
        let text = lines.map { $0.rendered(inColour: inColour) + "\n" }.joined()
        do { try output.writeAll(Array(text.utf8)) } catch {
            if error.code == .brokenPipe { return false }
            throw error
        }
        return true
    }
}
