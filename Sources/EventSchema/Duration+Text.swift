extension Duration {
    /// The span in seconds with a unit, `"1.5s"`, exact to the microsecond and without zeros at the end.
    public var text: String {
        let micros = wholeMicroseconds
        return Self.text(microseconds: micros.magnitude, negative: micros < 0)
    }

    /// Reads what `text` writes: seconds, perhaps with a sign and a fraction, and `s`. Digits beyond the microsecond
    /// are cut off. Nil for anything else and for spans of more than 292,000 years.
    public init?(text: some StringProtocol) {
        guard let (micros, negative) = Self.microseconds(text: text) else { return nil }
        if negative {
            guard micros <= Int64.min.magnitude else { return nil }
            self = .microseconds(Int64(truncatingIfNeeded: 0 &- micros))
        } else {
            guard let micros = Int64(exactly: micros) else { return nil }
            self = .microseconds(micros)
        }
    }

    static func text(microseconds: UInt64, negative: Bool = false) -> String {
        var text = (negative ? "-" : "") + String(microseconds / 1_000_000)
        var fraction = Int(microseconds % 1_000_000)
        if fraction != 0 {
            var width = 6
            while fraction % 10 == 0 {
                fraction /= 10
                width -= 1
            }
            var digits: [UInt8] = []
            digits.append(digits: fraction, width: width)
            text += "." + String(decoding: digits, as: UTF8.self)
        }
        return text + "s"
    }

    static func microseconds(text: some StringProtocol) -> (magnitude: UInt64, negative: Bool)? {
        var rest = Substring(text).utf8
        let negative = rest.first == UInt8(ascii: "-")
        if negative { rest = rest.dropFirst() }
        guard rest.last == UInt8(ascii: "s") else { return nil }
        rest = rest.dropLast()
        let parts = rest.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let isNumber = { (part: Substring.UTF8View) in
            !part.isEmpty && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
        guard let first = parts.first, parts.allSatisfy(isNumber), let seconds = UInt64(Substring(first)) else {
            return nil
        }
        var fraction: UInt64 = 0
        if parts.count == 2 {
            var unit: UInt64 = 100_000
            for digit in parts[1] {
                fraction += UInt64(digit - UInt8(ascii: "0")) * unit
                unit /= 10
            }
        }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflowToo) = whole.addingReportingOverflow(fraction)
        return overflow || overflowToo ? nil : (sum, negative)
    }
}
