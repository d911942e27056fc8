import EventSchema

/// A moment as a person names it, always in record time: what `T` is in the commands.
public enum Moment: Sendable, Hashable {
    /// `+42s`, `+1:02:03`, `start`: after the start.
    case afterStart(Duration)
    /// `end-10m`, `live-10m`, `-10m`, `end`: before the end.
    case beforeEnd(Duration)
    /// `14:05`, `14:05:30`, `yesterday 15:00`: a time of day, so many days before the one meant.
    case clock(daysAgo: Int?, secondOfDay: Int)
    /// RFC 3339.
    case time(RecordTime)
    /// `50%`, as a part of 1.
    case fraction(Double)
    /// `mark:NAME`
    case marker(String)

    /// What is needed to find a moment in a session.
    public struct Context: Sendable {
        public var start: RecordTime
        /// The end of a closed session, now for an open one.
        public var end: RecordTime
        public var now: RecordTime
        /// How far local time is ahead of UTC at a time.
        public var offset: @Sendable (RecordTime) -> Duration
        /// By name.
        public var markers: [String: RecordTime]

        public init(
            start: RecordTime, end: RecordTime, now: RecordTime, markers: [String: RecordTime] = [:],
            offset: @escaping @Sendable (RecordTime) -> Duration
        ) {
            self.start = start
            self.end = end
            self.now = now
            self.markers = markers
            self.offset = offset
        }
    }

    /// The record time it is in a session; nil for a marker that is not there.
    ///
    /// A bare time of day is the first one at or after the session's start. With a day it counts from today.
    public func time(in context: Context) -> RecordTime? {
        switch self {
        case .afterStart(let span): context.start + span
        case .beforeEnd(let span): context.end - span
        case .time(let time): time
        case .marker(let name): context.markers[name]
        case .fraction(let part):
            context.start
                + .microseconds(Int64(((context.end - context.start).seconds * min(max(part, 0), 1) * 1e6).rounded()))
        case .clock(nil, let second): Self.next(second, from: context.start, context)
        case .clock(.some(let days), let second):
            Self.local(day: Self.day(of: context.now, context) - Int64(clamping: days), second, context)
        }
    }

    private static let daySeconds: Int64 = 86_400

    /// The local calendar day, counted from 1970.
    private static func day(of time: RecordTime, _ context: Context) -> Int64 {
        let local = (time + context.offset(time)).microseconds
        let length = daySeconds * 1_000_000
        return local / length - (local % length < 0 ? 1 : 0)
    }

    private static func local(day: Int64, _ second: Int, _ context: Context) -> RecordTime {
        let (seconds, overflow) = day.multipliedReportingOverflow(by: daySeconds)
        guard !overflow else { return context.now }
        let wall = RecordTime.epoch + .seconds(seconds) + .seconds(second)
        // The offset that holds then, which on the day of a change is not the one at the first guess.
        let guess = wall - context.offset(wall)
        return wall - context.offset(guess)
    }

    private static func next(_ second: Int, from start: RecordTime, _ context: Context) -> RecordTime {
        let first = day(of: start, context)
        let sameDay = local(day: first, second, context)
        // `14:05` also means a session that began in that minute.
        return sameDay + .seconds(59) < start ? local(day: first + 1, second, context) : sameDay
    }
}
