import EventSchema
import Foundation

/// Record times as a viewer reads them, in one time zone.
public struct ClockFormat: Sendable {
    private let calendar: Calendar

    public init(timeZone: TimeZone = .current) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        self.calendar = calendar
    }

    private func parts(_ time: RecordTime) -> DateComponents {
        let date = Date(timeIntervalSince1970: Double(time.microseconds) / 1e6)
        return calendar.dateComponents([.year, .month, .day, .weekday, .hour, .minute, .second], from: date)
    }

    private func two(_ value: Int?) -> String { (value ?? 0) < 10 ? "0\(value ?? 0)" : "\(value ?? 0)" }

    /// `18:40`
    public func minute(_ time: RecordTime) -> String {
        let parts = parts(time)
        return "\(two(parts.hour)):\(two(parts.minute))"
    }

    /// `18:39:52`
    public func second(_ time: RecordTime) -> String { "\(minute(time)):\(two(parts(time).second))" }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Mon 14 Sep`
    public func day(_ time: RecordTime) -> String {
        let parts = parts(time)
        let day = Self.days[min(max((parts.weekday ?? 1) - 1, 0), 6)]
        let month = Self.months[min(max((parts.month ?? 1) - 1, 0), 11)]
        return "\(day) \(parts.day ?? 0) \(month)"
    }

    /// Whether two times are of one calendar day.
    public func sameDay(_ a: RecordTime, _ b: RecordTime) -> Bool {
        let (a, b) = (parts(a), parts(b))
        return a.year == b.year && a.month == b.month && a.day == b.day
    }

    /// How many midnights lie between; not negative.
    public func days(from a: RecordTime, to b: RecordTime) -> Int {
        let start = calendar.startOfDay(for: Date(timeIntervalSince1970: Double(a.microseconds) / 1e6))
        let end = calendar.startOfDay(for: Date(timeIntervalSince1970: Double(b.microseconds) / 1e6))
        return max(calendar.dateComponents([.day], from: start, to: end).day ?? 0, 0)
    }
}
