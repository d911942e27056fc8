import EventSchema

/// Reads moments, and sessions with a moment.
public enum MomentParser {
    /// The moment that `text` names; nil if it names none.
    public static func parse(_ text: some StringProtocol) -> Moment? {
        let text = String(text).trimmingSpaces
        switch text {
        case "": return nil
        case "start": return .afterStart(.zero)
        case "end", "live", "now": return .beforeEnd(.zero)
        default: break
        }
        if let name = text.dropping("mark:") { return name.isEmpty ? nil : .marker(String(name)) }
        if let span = text.dropping("+") { return DurationText.parse(span).map(Moment.afterStart) }
        for prefix in ["end-", "live-", "-"] {
            if let span = text.dropping(prefix) { return DurationText.parse(span).map(Moment.beforeEnd) }
        }
        if text.hasSuffix("%") {
            guard let part = Double(text.dropLast()), (0...100).contains(part) else { return nil }
            return .fraction(part / 100)
        }
        for (word, days) in [("today", 0), ("yesterday", 1)] {
            guard let rest = text.dropping(word) else { continue }
            if rest.isEmpty { return .clock(daysAgo: days, secondOfDay: 0) }
            guard rest.hasPrefix(" ") else { return nil }
            return secondOfDay(String(rest).trimmingSpaces).map { .clock(daysAgo: days, secondOfDay: $0) }
        }
        if let second = secondOfDay(text) { return .clock(daysAgo: nil, secondOfDay: second) }
        return RecordTime(rfc3339: text).map(Moment.time)
    }

    /// A session and a moment in it: `SESSION@T`, split at the last `@`. `@USER` alone is a session.
    public static func split(_ text: String) -> (session: String, moment: String?) {
        guard let at = text.lastIndex(of: "@"), at != text.startIndex else { return (text, nil) }
        return (String(text[..<at]), String(text[text.index(after: at)...]))
    }

    /// `14:05`, `14:05:30`, `3pm`, `3:30pm`
    private static func secondOfDay(_ text: String) -> Int? {
        var (digits, half) = (text[...], Int?.none)
        if text.hasSuffix("am") { (digits, half) = (text.dropLast(2), 0) }
        if text.hasSuffix("pm") { (digits, half) = (text.dropLast(2), 12) }
        let parts = digits.split(separator: ":", omittingEmptySubsequences: false).map { part -> Int? in
            guard (1...2).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }) else {
                return nil
            }
            return Int(part)
        }
        guard (half == nil ? 2...3 : 1...2).contains(parts.count), var hour = parts[0] else { return nil }
        let rest = parts.dropFirst().map { $0 ?? 60 }
        if let half {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + half
        }
        guard hour < 24, rest.allSatisfy({ $0 < 60 }) else { return nil }
        return hour * 3600 + (rest.first ?? 0) * 60 + (rest.count > 1 ? rest[1] : 0)
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    fileprivate func dropping(_ prefix: String) -> Substring? { hasPrefix(prefix) ? dropFirst(prefix.count) : nil }
}
