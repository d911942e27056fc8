/// A configuration file's text: its settings, and changes to them that leave every other line and comment as it is.
public struct ConfigText: Sendable {
    public private(set) var bytes: [UInt8]
    private var read: ConfigReader

    /// - Throws: `ConfigError` with the line.
    public init(_ bytes: [UInt8]) throws(ConfigError) {
        self.bytes = bytes
        read = try ConfigReader(bytes)
    }

    /// The settings, in the order of the file.
    public var settings: [(path: [String], value: ConfigValue, line: Int)] {
        read.entries.map { ($0.path, $0.value, $0.line) }
    }

    /// The tables that have a heading, those without a setting too.
    public var tables: [(path: [String], line: Int)] { read.headings.map { ($0.path, $0.line) } }

    public subscript(_ path: String...) -> ConfigValue? { entry(path)?.value }

    /// The line of a setting.
    public func line(of path: [String]) -> Int? { entry(path)?.line }

    /// The strings of an array; none where it is not there.
    ///
    /// - Throws: `ConfigError(.unsupported)` where it is something else.
    public func strings(_ path: String...) throws(ConfigError) -> [String] {
        guard let entry = entry(path) else { return [] }
        guard let values = entry.value.strings else { throw Self.notStrings(entry) }
        return values
    }

    private func entry(_ path: [String]) -> ConfigReader.Entry? { read.entries.first { $0.path == path } }

    private static func notStrings(_ entry: ConfigReader.Entry) -> ConfigError {
        ConfigError(
            .unsupported, line: entry.line, "\(ConfigReader.name(entry.path)) must be an array of strings: [\"…\"]")
    }

    // MARK: changes

    /// Writes a setting: in the place of the one that is there, else behind the others of its table.
    public mutating func set(_ path: [String], to value: ConfigValue) throws(ConfigError) {
        guard let key = path.last else { return }
        if let entry = entry(path) { return try replace([(entry.valueRange, value.written)]) }
        let table = Array(path.dropLast())
        if let place = read.entries.last(where: { $0.table == table && $0.path.count == path.count }) {
            return try insert("\(Self.written(key)) = \(value.written)", below: place.valueRange.upperBound)
        }
        if let heading = read.headings.first(where: { $0.path == table }) {
            return try insert("\(Self.written(key)) = \(value.written)", below: heading.end)
        }
        let isDotted = { (entry: ConfigReader.Entry) in
            entry.path.starts(with: table) && entry.table.count < table.count && table.starts(with: entry.table)
        }
        if let place = read.entries.last(where: isDotted) {
            let dotted = path.dropFirst(place.table.count).map(Self.written).joined(separator: ".")
            return try insert("\(dotted) = \(value.written)", below: place.valueRange.upperBound)
        }
        let line = "\(Self.written(key)) = \(value.written)\n"
        if table.isEmpty { return try replace([(0..<0, line)]) }
        let before = bytes.isEmpty ? "" : bytes.last == UInt8(ascii: "\n") ? "\n" : "\n\n"
        let heading = table.map(Self.written).joined(separator: ".")
        try replace([(bytes.count..<bytes.count, "\(before)[\(heading)]\n\(line)")])
    }

    /// Adds a string to an array, which is made if it is not there. One that is in it already stays alone.
    public mutating func add(_ text: String, to path: [String]) throws(ConfigError) {
        guard let entry = entry(path) else { return try set(path, to: .strings([text])) }
        guard let values = entry.value.strings else { throw Self.notStrings(entry) }
        guard !values.contains(text) else { return }
        let new = ConfigValue.quoted(text)
        guard let last = entry.elements.last else {
            return try replace([(entry.valueRange.lowerBound + 1..<entry.valueRange.lowerBound + 1, new)])
        }
        // Where each string has a line of its own, the new one gets one too, as far in as the last.
        let lineStart = (bytes[..<last.range.lowerBound].lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        let indent = bytes[lineStart..<last.range.lowerBound]
        let isAlone = lineStart > entry.valueRange.lowerBound && indent.allSatisfy { $0 == 0x20 || $0 == 0x09 }
        let separator = isAlone ? "\n" + String(decoding: indent, as: UTF8.self) : " "
        if let comma = last.comma {
            try replace([(comma + 1..<comma + 1, separator + new + (isAlone ? "," : ""))])
        } else {
            try replace([(last.range.upperBound..<last.range.upperBound, "," + separator + new)])
        }
    }

    /// Takes a string out of an array.
    public mutating func remove(_ text: String, from path: [String]) throws(ConfigError) {
        while let entry = entry(path), let place = entry.value.strings?.firstIndex(of: text) {
            let element = entry.elements[place]
            var cuts: [(Range<Int>, String)] = []
            let range = element.range
            if let comma = element.comma {
                cuts.append((comma..<comma + 1, ""))
            } else if place > 0, let comma = entry.elements[place - 1].comma {
                cuts.append((comma..<comma + 1, ""))
            }
            cuts.append((range, ""))
            try replace(cuts.sorted { $0.0.lowerBound < $1.0.lowerBound }, tidying: range.lowerBound, in: entry)
        }
    }

    /// Puts texts in the place of ranges, the last one first.
    private mutating func replace(
        _ changes: [(range: Range<Int>, text: String)], tidying place: Int? = nil, in entry: ConfigReader.Entry? = nil
    ) throws(ConfigError) {
        var changed = bytes
        for change in changes.reversed() { changed.replaceSubrange(change.range, with: Array(change.text.utf8)) }
        if let place, let entry {
            let removedBefore = changes.reduce(0) { $0 + ($1.range.upperBound <= place ? $1.range.count : 0) }
            Self.tidy(&changed, at: place - removedBefore, from: entry.valueRange.lowerBound)
        }
        // Read anew: what would be no configuration any more is not kept.
        read = try ConfigReader(changed)
        bytes = changed
    }

    /// Takes out the line that an array's string stood on if nothing is left of it, else the spaces before its place.
    private static func tidy(_ bytes: inout [UInt8], at place: Int, from start: Int) {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var (low, high) = (place, place)
        while low > 0, isSpace(bytes[low - 1]) { low -= 1 }
        while high < bytes.count, isSpace(bytes[high]) { high += 1 }
        if low > start, bytes[low - 1] == UInt8(ascii: "\n"), high < bytes.count {
            if bytes[high] == UInt8(ascii: "\r"), high + 1 < bytes.count { high += 1 }
            if bytes[high] == UInt8(ascii: "\n") { bytes.removeSubrange(low...high) }
        } else if low > 0, bytes[low - 1] == UInt8(ascii: "[") {
            bytes.removeSubrange(place..<high)
        } else if high < bytes.count, bytes[high] == UInt8(ascii: "]") || low < place {
            bytes.removeSubrange(low..<place)
        }
    }

    private mutating func insert(_ line: String, below place: Int) throws(ConfigError) {
        let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n"))
        try replace([
            end.map { ($0 + 1..<$0 + 1, line + "\n") } ?? (bytes.count..<bytes.count, "\n" + line + "\n")
        ])
    }

    private static func written(_ key: String) -> String {
        key.isEmpty || !key.utf8.allSatisfy(ConfigReader.isBare) ? ConfigValue.quoted(key) : key
    }
}
