import EventSchema
import Foundation

/// A recorded editing trace of the open data, with byte offsets and repaired times.
public struct EditingTrace: Sendable {
    public struct Patch: Sendable {
        public var time: RecordTime
        public var offset: Int
        public var removed: Int
        public var inserted: [UInt8]
    }

    /// The traces in which each transaction follows the one before it.
    public static let names = ["sveltecomponent", "rustcode", "json-crdt-blog-post", "clownschool_flat"]

    public let start: [UInt8]
    public let end: [UInt8]
    public let patches: [Patch]

    public init(_ name: String) throws {
        let json = try JSONSerialization.jsonObject(with: OpenData.bytes("open/editing/\(name).json.gz"))
        guard let trace = json as? [String: Any], let start = trace["startContent"] as? String,
            let end = trace["endContent"] as? String, let transactions = trace["txns"] as? [[String: Any]]
        else { throw OpenData.Missing(description: "\(name) is no editing trace") }
        let stamps = transactions.map { Self.microseconds($0["time"] as? String ?? "") }
        let times = Self.repaired(stamps)
        var scalars = ScalarOffsets(start)
        var patches: [Patch] = []
        for (transaction, time) in zip(transactions, times) {
            for patch in transaction["patches"] as? [[Any]] ?? [] {
                guard patch.count == 3, let position = patch[0] as? Int, let removed = patch[1] as? Int,
                    let inserted = patch[2] as? String
                else { throw OpenData.Missing(description: "\(name) has a patch of another form") }
                let range = scalars.replace(position: position, removed: removed, with: inserted)
                patches.append(
                    Patch(
                        time: RecordTime(microseconds: time), offset: range.lowerBound, removed: range.count,
                        inserted: Array(inserted.utf8)))
            }
        }
        self.start = Array(start.utf8)
        self.end = Array(end.utf8)
        self.patches = patches
    }

    /// The rule for clocks that go back: a step of at most 60 s counts as 0, a larger one carries an offset until
    /// caught up, a stamp before 2000 takes the next good one.
    private static func repaired(_ stamps: [Int64]) -> [Int64] {
        let year2000: Int64 = 946_684_800_000_000
        var next = stamps.last { $0 >= year2000 } ?? year2000
        let good = Array(
            stamps.reversed().map { stamp in
                if stamp >= year2000 { next = stamp }
                return next
            }.reversed())
        var (last, offset) = (Int64.min, Int64(0))
        return good.map { stamp in
            if stamp >= last {
                offset = 0
            } else if stamp + offset < last - 60_000_000 {
                offset = last - stamp
            }
            last = max(last, stamp + offset)
            return last
        }
    }

    /// Microseconds of an RFC 3339 time in UTC.
    private static func microseconds(_ text: String) -> Int64 {
        let numbers = text.split { !$0.isNumber }.map(String.init)
        guard numbers.count >= 6, let year = Int64(numbers[0]), let month = Int64(numbers[1]),
            let day = Int64(numbers[2]),
            let hour = Int64(numbers[3]), let minute = Int64(numbers[4]), let second = Int64(numbers[5])
        else { return 0 }
        let shifted = month <= 2 ? year - 1 : year
        let monthOfYear = (month + 9) % 12
        let days =
            365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + (153 * monthOfYear + 2) / 5 + day - 719_469
        var fraction: Int64 = 0
        if text.contains("."), numbers.count >= 7 {
            fraction = Int64(numbers[6].padding(toLength: 6, withPad: "0", startingAt: 0)) ?? 0
        }
        return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + fraction
    }
}

/// Byte offsets of positions counted in scalars, in a text that changes: few scalars are longer than a byte, and
/// only those are remembered.
private struct ScalarOffsets {
    private var long: [(position: Int, extra: Int)] = []

    init(_ text: String) { insert(text, at: 0) }

    mutating func replace(position: Int, removed: Int, with text: String) -> Range<Int> {
        let start = offset(of: position)
        let end = offset(of: position + removed)
        long.removeAll { $0.position >= position && $0.position < position + removed }
        for index in long.indices where long[index].position >= position { long[index].position -= removed }
        insert(text, at: position)
        return start..<end
    }

    private func offset(of position: Int) -> Int {
        position + long.reduce(0) { $1.position < position ? $0 + $1.extra : $0 }
    }

    private mutating func insert(_ text: String, at position: Int) {
        let scalars = Array(text.unicodeScalars)
        for index in long.indices where long[index].position >= position { long[index].position += scalars.count }
        for (index, scalar) in scalars.enumerated() where scalar.value >= 0x80 {
            long.append((position + index, String(scalar).utf8.count - 1))
        }
    }
}
