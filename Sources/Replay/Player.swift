import EventSchema

/// A playback: where it is, how fast, what is due. It has no clock; who drives it says what time it is and does what
/// it answers.
public struct Player: Sendable {
    /// What a viewer asks for.
    public enum Command: Sendable, Equatable {
        case togglePause, play, pause
        /// Moves in play time.
        case seekBy(Duration)
        /// Moves by a part of the whole: 0.1 is ten per cent.
        case seekByFraction(Double)
        case seekToFraction(Double)
        case seek(RecordTime)
        /// Pauses and moves by events of the lanes shown.
        case step(Int)
        case nextMarker, previousMarker
        case faster, slower, normalSpeed
        case toggleIdle
    }

    /// What the driver is to do.
    public enum Action: Sendable, Equatable {
        /// Apply the events up to this count; those before are applied.
        case advance(to: Int)
        /// Make the state of the first so many events anew, then draw.
        case rebuild(to: Int)
        case draw
        /// Nothing is due before this instant.
        case sleep(until: Duration)
        /// Nothing is due before a command comes.
        case wait
    }

    public static let fastest = 360.0
    public static let slowest = 1.0 / 16

    private let times: [RecordTime]
    private let shown: [Int]
    private let markers: [RecordTime]
    private let pausesOnMarkers: Bool
    private let tick: Duration?
    private var other: TimeMap?

    /// The map in force.
    public private(set) var map: TimeMap
    /// How many seconds of play time pass in one.
    public private(set) var speed: Double
    public private(set) var isPaused: Bool
    /// Where it stands, in play time.
    public private(set) var position: Duration = .zero
    /// How many events are applied.
    public private(set) var applied = 0
    /// Whether the map in force is the second one.
    public private(set) var usesOther = false
    private var anchor: Duration = .zero

    /// A playback that stands at the beginning.
    ///
    /// - Parameters:
    ///   - times: of all events, in order.
    ///   - shown: the places of the events that single steps stop at.
    ///   - other: the map that `toggleIdle` changes to and back.
    ///   - markers: in order.
    ///   - tick: how long at most between two drawings while it runs; nil: only when something is due.
    public init(
        times: [RecordTime], shown: [Int], map: TimeMap, other: TimeMap? = nil, markers: [RecordTime] = [],
        speed: Double = 1, isPaused: Bool = false, pausesOnMarkers: Bool = false, tick: Duration? = nil
    ) {
        self.times = times
        self.shown = shown
        self.map = map
        self.other = other
        self.markers = markers
        self.speed = speed.isFinite ? min(max(speed, Self.slowest), Self.fastest) : 1
        self.isPaused = isPaused
        self.pausesOnMarkers = pausesOnMarkers
        self.tick = tick
    }

    /// Whether everything has been shown; the last frame stays.
    public var isAtEnd: Bool { position >= map.total && applied == times.count }

    /// The moment shown.
    public var recordTime: RecordTime { min(map.record(at: position), map.end) }

    /// Begins at `now`, an instant of any steady clock.
    public mutating func start(at now: Duration, from time: RecordTime? = nil) -> [Action] {
        seek(to: time.map(map.play(of:)) ?? .zero, showing: time, at: now)
    }

    /// What is due at `now`.
    public mutating func wake(at now: Duration) -> [Action] {
        pass(to: now)
        return due() + [.draw, next(after: now)]
    }

    /// Does what a viewer asks for.
    public mutating func handle(_ command: Command, at now: Duration) -> [Action] {
        pass(to: now)
        switch command {
        case .seekBy(let span): return seek(to: position + span, at: now)
        case .seekByFraction(let part): return seek(to: position + map.total * part, at: now)
        case .seekToFraction(let part): return seek(to: map.total * part, at: now)
        case .seek(let time): return seek(to: map.play(of: time), showing: time, at: now)
        case .step(let count): return step(by: count, at: now)
        case .nextMarker:
            if let marker = markers.first(where: { $0 > recordTime }) {
                return seek(to: map.play(of: marker), showing: marker, at: now)
            }
        case .previousMarker:
            // Just behind a marker one means the marker before it.
            let passed = markers.last { $0 <= recordTime && position - map.play(of: $0) >= .seconds(1) }
            return seek(to: passed.map(map.play(of:)) ?? .zero, showing: passed, at: now)
        case .togglePause where isAtEnd:
            isPaused = false
            return seek(to: .zero, at: now)
        default: break
        }
        let actions = due()
        switch command {
        case .togglePause: isPaused.toggle()
        case .play: isPaused = false
        case .pause: isPaused = true
        case .faster: speed = min(speed * 2, Self.fastest)
        case .slower: speed = max(speed / 2, Self.slowest)
        case .normalSpeed: speed = 1
        case .toggleIdle: changeMap()
        default: break
        }
        return actions + [.draw, next(after: now)]
    }

    /// Lets time pass.
    private mutating func pass(to now: Duration) {
        if !isPaused {
            let before = recordTime
            position = min(position + max(now - anchor, .zero) * speed, map.total)
            if pausesOnMarkers, let marker = markers.first(where: { $0 > before && $0 <= recordTime }) {
                position = map.play(of: marker)
                isPaused = true
            }
        }
        anchor = now
    }

    /// The events within what is shown. While it is paused, single steps decide.
    private mutating func due() -> [Action] {
        let count = count(through: map.record(at: position))
        guard count > applied, !isPaused || pausesOnMarkers else { return [] }
        applied = count
        return [.advance(to: count)]
    }

    private mutating func changeMap() {
        guard let second = other else { return }
        let time = recordTime
        other = map
        map = second
        usesOther.toggle()
        position = map.play(of: time)
    }

    private mutating func seek(to place: Duration, showing time: RecordTime? = nil, at now: Duration) -> [Action] {
        position = min(max(place, .zero), map.total)
        anchor = now
        return move(to: count(through: time ?? map.record(at: position)), at: now)
    }

    private mutating func step(by count: Int, at now: Duration) -> [Action] {
        isPaused = true
        // The place in `shown` of the first event that is not applied yet.
        let next = partition(shown) { $0 >= applied }
        let target = min(max(next + count, 0), shown.count)
        let index = target == 0 ? 0 : shown[target - 1] + 1
        if index > 0 { position = map.play(of: times[index - 1]) } else { position = .zero }
        anchor = now
        return move(to: index, at: now)
    }

    private mutating func move(to count: Int, at now: Duration) -> [Action] {
        defer { applied = count }
        if count == applied { return [.draw, next(after: now)] }
        return [count > applied ? .advance(to: count) : .rebuild(to: count), .draw, next(after: now)]
    }

    /// When to come back.
    private func next(after now: Duration) -> Action {
        guard !isPaused, position < map.total || applied < times.count else { return .wait }
        var wanted = applied < times.count ? map.play(of: times[applied]) : map.total
        wanted = min(wanted, map.total)
        // One µs of play time is shorter than a clock can say at high speed; never earlier than due.
        let due = now + max(wanted - position, .zero) / speed + .nanoseconds(1)
        if let tick { return .sleep(until: min(due, now + tick)) }
        return .sleep(until: due)
    }

    private func count(through time: RecordTime) -> Int { partition(times) { $0 > time } }

    private func partition<T>(_ values: [T], where fits: (T) -> Bool) -> Int {
        var (low, high) = (0, values.count)
        while low < high {
            let middle = low + (high - low) / 2
            if fits(values[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
