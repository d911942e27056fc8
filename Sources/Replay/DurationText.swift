import EventSchema

/// Spans of time as people type and read them.
public enum DurationText {
    /// The span that `text` names: `5m`, `1h30m`, `90s`, `1.5s`, `300ms`, `2d`; a bare number is seconds; also `2:03`
    /// and `1:02:03`. Nil if it names none.
    public static func parse(_ text: some StringProtocol) -> Duration? {
        if text.contains(":") { return parseClock(text) }
        if let seconds = number(text) { return duration(seconds, of: 1) }
        var total = Duration.zero
        var rest = text[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let value = number(digits), let size = units[String(unit)], let part = duration(value, of: size)
            else { return nil }
            total += part
        }
        return text.isEmpty ? nil : total
    }

    private static let units: [String: Double] = [
        "ms": 0.001, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800,
    ]

    private static func number(_ text: some StringProtocol) -> Double? {
        guard let first = text.utf8.first, (48...57).contains(first) || first == 46,
            text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 })
        else { return nil }
        return Double(text)
    }

    /// Nil for a span beyond some thousand years.
    private static func duration(_ value: Double, of size: Double) -> Duration? {
        value * size < 1e11 ? .seconds(value * size) : nil
    }

    private static func parseClock(_ text: some StringProtocol) -> Duration? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else { return nil }
        var seconds = 0.0
        for (index, part) in parts.enumerated() {
            guard let value = number(part), index == 0 || value < 60, index == parts.count - 1 || !part.contains(".")
            else { return nil }
            seconds = seconds * 60 + value
        }
        return duration(seconds, of: 1)
    }

    /// A position in a playback: `0:07`, `12:30`, `1:02:03`.
    public static func clock(_ span: Duration) -> String {
        let seconds = max(span.components.seconds, 0)
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, twoDigits(seconds % 60))
        return hours > 0 ? "\(hours):\(twoDigits(minutes)):\(rest)" : "\(minutes):\(rest)"
    }

    /// A span in words: `9 s`, `1 min 12 s`, `53 min`, `6 h 20 min`, `61 days`.
    public static func words(_ span: Duration) -> String {
        let seconds = (max(span, .zero) + .milliseconds(500)).components.seconds
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<600: return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(seconds % 60) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<172_800:
            let minutes = seconds / 60 % 60
            return minutes == 0 ? "\(seconds / 3600) h" : "\(seconds / 3600) h \(minutes) min"
        default: return "\(seconds / 86_400) days"
        }
    }

    static func twoDigits(_ value: some BinaryInteger) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

extension DurationText {
    /// A span with tenths where they matter: `0.41 s`, `3.2 s`, `1 min 12 s`.
    public static func precise(_ span: Duration) -> String {
        let hundredths = max(span, .zero).wholeMicroseconds / 10_000
        if hundredths < 100 { return "0.\(twoDigits(hundredths)) s" }
        if hundredths < 6000 { return "\(hundredths / 100).\(hundredths / 10 % 10) s" }
        return words(span)
    }
}

extension DurationText {
    /// A span as it is typed: `90s` is `1m30s`, `300ms`, `1h`, `5m`.
    public static func short(_ span: Duration) -> String {
        let milliseconds = max(span, .zero).wholeMicroseconds / 1000
        if milliseconds % 1000 != 0 {
            return milliseconds < 1000 ? "\(milliseconds)ms" : "\(Double(milliseconds) / 1000)s"
        }
        let seconds = milliseconds / 1000
        var text = ""
        if seconds >= 3600 { text += "\(seconds / 3600)h" }
        if seconds / 60 % 60 > 0 { text += "\(seconds / 60 % 60)m" }
        if seconds % 60 > 0 || text.isEmpty { text += "\(seconds % 60)s" }
        return text
    }
}
