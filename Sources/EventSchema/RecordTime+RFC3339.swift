// Text forms of times and spans. Pure civil-date arithmetic (days in the proleptic Gregorian calendar, counted in
// eras of 400 years from 1 March), because a formatter object costs more than all the rest of printing an event.

extension RecordTime {
    /// RFC 3339 in UTC, `2026-09-14T15:02:03.123456Z`; the fraction has no, three or six digits, as few as are exact.
    ///
    /// A year outside 0000–9999, which RFC 3339 cannot say, is written with sign and six digits (ISO 8601, expanded).
    public var rfc3339: String {
        let fraction = Int(microseconds.euclideanRemainder(1_000_000))
        let seconds = microseconds.floorDivided(by: 1_000_000)
        let day = seconds.floorDivided(by: 86_400)
        let second = Int(seconds - day * 86_400)
        let date = CivilDate(day: day)

        var text: [UInt8] = []
        text.reserveCapacity(32)
        if (0...9999).contains(date.year) {
            text.append(digits: Int(date.year), width: 4)
        } else {
            text.append(date.year < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            text.append(digits: Int(date.year.magnitude), width: 6)
        }
        text.append(UInt8(ascii: "-"))
        text.append(digits: date.month, width: 2)
        text.append(UInt8(ascii: "-"))
        text.append(digits: date.dayOfMonth, width: 2)
        text.append(UInt8(ascii: "T"))
        text.append(digits: second / 3600, width: 2)
        text.append(UInt8(ascii: ":"))
        text.append(digits: second / 60 % 60, width: 2)
        text.append(UInt8(ascii: ":"))
        text.append(digits: second % 60, width: 2)
        if fraction != 0 {
            text.append(UInt8(ascii: "."))
            if fraction % 1000 == 0 {
                text.append(digits: fraction / 1000, width: 3)
            } else {
                text.append(digits: fraction, width: 6)
            }
        }
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads RFC 3339 with `Z` or an offset; digits beyond the microsecond are cut off.
    ///
    /// Nil for anything else: a day the month does not have, a missing offset, more behind the text. A leap second
    /// is the second after it. The expanded years that `rfc3339` writes are read too.
    public init?(rfc3339 text: some StringProtocol) {
        var reader = TimeTextReader(Array(text.utf8))
        guard let year = reader.year(), reader.skip("-"), let month = reader.digits(2), (1...12).contains(month),
            reader.skip("-"), let dayOfMonth = reader.digits(2),
            (1...CivilDate.days(inMonth: month, of: Int64(year))).contains(dayOfMonth),
            reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.digits(2), hour < 24, reader.skip(":"), let minute = reader.digits(2), minute < 60,
            reader.skip(":"), let second = reader.digits(2), second <= 60,
            let fraction = reader.fraction(), let offset = reader.offset(), reader.atEnd
        else { return nil }
        let day = CivilDate.day(year: Int64(year), month: month, dayOfMonth: dayOfMonth)
        let seconds = day * 86_400 + Int64(hour * 3600 + minute * 60 + second) - Int64(offset)
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        // The earliest representable second begins before the earliest microsecond.
        if overflow {
            let least = Int64.min.euclideanRemainder(1_000_000)
            guard seconds == Int64.min.floorDivided(by: 1_000_000), fraction >= least else { return nil }
            self.init(microseconds: .min + (fraction - least))
            return
        }
        let (sum, overflowToo) = whole.addingReportingOverflow(fraction)
        guard !overflowToo else { return nil }
        self.init(microseconds: sum)
    }
}

/// A day of the proleptic Gregorian calendar.
struct CivilDate: Equatable {
    var year: Int64
    var month: Int
    var dayOfMonth: Int

    /// The date of the day that many days after 1970-01-01.
    init(day: Int64) {
        let shifted = day + 719_468  // days since 0000-03-01
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        dayOfMonth = Int(dayOfYear - (153 * shiftedMonth + 2) / 5) + 1
        month = Int(shiftedMonth) < 10 ? Int(shiftedMonth) + 3 : Int(shiftedMonth) - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }

    /// Days from 1970-01-01 to a date that exists.
    static func day(year: Int64, month: Int, dayOfMonth: Int) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.floorDivided(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + dayOfMonth - 1)
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func days(inMonth month: Int, of year: Int64) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// Reads the parts of an RFC 3339 text, one after the other.
private struct TimeTextReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var atEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digit() -> Int? {
        guard position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) else {
            return nil
        }
        position += 1
        return Int(bytes[position - 1] - UInt8(ascii: "0"))
    }

    mutating func digits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    mutating func year() -> Int? {
        if skip("-") { return digits(6).map { -$0 } }
        return skip("+") ? digits(6) : digits(4)
    }

    /// Microseconds; 0 without a fraction, nil after a point without digits.
    mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        guard let first = digit() else { return nil }
        var value = Int64(first) * 100_000
        var unit: Int64 = 10_000
        while let digit = digit() {
            value += Int64(digit) * unit
            unit /= 10
        }
        return value
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = digits(2), hours < 24, skip(":"), let minutes = digits(2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}

extension Int64 {
    /// The quotient rounded down; the divisor is positive.
    func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }

    /// The remainder that belongs to `floorDivided`, never negative.
    func euclideanRemainder(_ divisor: Int64) -> Int64 {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }
}

extension [UInt8] {
    /// Appends `value` in decimal, with zeros before it up to `width`.
    mutating func append(digits value: Int, width: Int) {
        var unit = 1
        for _ in 1..<width { unit *= 10 }
        while unit > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / unit % 10))
            unit /= 10
        }
    }
}
