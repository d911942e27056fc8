/// When something happened: microseconds since 1970-01-01T00:00:00Z.
///
/// Every stored time, seek, note and search hit is a record time; where a viewer is in a playback (play time) is
/// never one. Arithmetic saturates, so a hostile stamp cannot trap.
public struct RecordTime: Hashable, Comparable, Sendable, Codable {
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }
    public init(milliseconds: Int64) {
        let (value, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
        microseconds = overflow ? (milliseconds < 0 ? .min : .max) : value
    }

    public static let epoch = RecordTime(microseconds: 0)
    public static let distantPast = RecordTime(microseconds: .min)
    public static let distantFuture = RecordTime(microseconds: .max)

    /// The time with its part below a millisecond cut off: the resolution of human events.
    public var wholeMilliseconds: RecordTime {
        let rest = microseconds % 1000
        return advanced(by: -(rest < 0 ? rest + 1000 : rest))
    }

    public static func < (a: RecordTime, b: RecordTime) -> Bool { a.microseconds < b.microseconds }

    public static func + (time: RecordTime, span: Duration) -> RecordTime { time.advanced(by: span.wholeMicroseconds) }
    public static func - (time: RecordTime, span: Duration) -> RecordTime {
        time.advanced(by: span.wholeMicroseconds == .min ? .max : -span.wholeMicroseconds)
    }
    public static func - (a: RecordTime, b: RecordTime) -> Duration {
        let (value, overflow) = a.microseconds.subtractingReportingOverflow(b.microseconds)
        return .microseconds(overflow ? (a < b ? .min : .max) : value)
    }

    /// This time moved by `microseconds`, held at the ends of the range.
    public func advanced(by microseconds: Int64) -> RecordTime {
        let (value, overflow) = self.microseconds.addingReportingOverflow(microseconds)
        return RecordTime(microseconds: overflow ? (microseconds < 0 ? .min : .max) : value)
    }
}

extension Duration {
    /// The span in microseconds, cut toward zero and held at the ends of the range.
    public var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (micros, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (value, overflowToo) = micros.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return overflowToo ? (seconds < 0 ? .min : .max) : value
    }

    /// The span in seconds.
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
