import EventSchema

/// How much of a command's output is kept: its first bytes at once, its last ones when it ends, and between them only
/// the number of bytes left out.
public struct OutputBudget: Sendable {
    /// Bytes per command.
    public struct Limit: Sendable, Hashable {
        public var first: Int
        public var last: Int

        public init(first: Int, last: Int) {
            self.first = max(0, first)
            self.last = max(0, last)
        }

        public static let standard = Limit(first: 8 << 20, last: 2 << 20)
    }

    /// A stretch of output and when it came.
    public struct Stretch: Sendable, Hashable {
        public var bytes: ArraySlice<UInt8>
        public var time: RecordTime

        public init(_ bytes: ArraySlice<UInt8>, at time: RecordTime) {
            self.bytes = bytes
            self.time = time
        }
    }

    private let limit: Limit?
    private var kept = 0
    private var tail: [Stretch] = []
    private var tailStart = 0
    private var tailBytes = 0
    private var firstDrop: RecordTime?

    /// How many bytes of the running command were left out so far.
    public private(set) var dropped: UInt64 = 0

    /// How many bytes wait for the end of the command.
    public var held: Int { tailBytes }

    /// nil: everything is kept.
    public init(_ limit: Limit?) { self.limit = limit }

    /// Takes output: `record` is to be recorded now, `drop` left out for good; in the order of the output, `drop` is
    /// older than what is still held for the end.
    public mutating func add(_ stretch: Stretch) -> (record: ArraySlice<UInt8>, drop: [ArraySlice<UInt8>]) {
        guard let limit else { return (stretch.bytes, []) }
        let record = stretch.bytes.prefix(max(0, limit.first - kept))
        kept += record.count
        let rest = stretch.bytes.dropFirst(record.count)
        if rest.isEmpty { return (record, []) }
        tail.append(Stretch(rest, at: stretch.time))
        tailBytes += rest.count
        var drop: [ArraySlice<UInt8>] = []
        while tailBytes > limit.last, tailStart < tail.count {
            let oldest = tail[tailStart]
            let cut = oldest.bytes.prefix(tailBytes - limit.last)
            if firstDrop == nil { firstDrop = oldest.time }
            drop.append(cut)
            dropped &+= UInt64(cut.count)
            tailBytes -= cut.count
            tail[tailStart].bytes = oldest.bytes.dropFirst(cut.count)
            if tail[tailStart].bytes.isEmpty { tailStart += 1 }
        }
        if tailStart > 1024, tailStart * 2 > tail.count {
            tail.removeFirst(tailStart)
            tailStart = 0
        }
        return (record, drop)
    }

    /// The command has ended: what was left out (nil: nothing) and since when, then its last output.
    public mutating func end() -> (gap: (bytes: UInt64, since: RecordTime)?, tail: [Stretch]) {
        let gap = firstDrop.map { (dropped, $0) }
        let last = Array(tail[min(tailStart, tail.count)...])
        (kept, tail, tailStart, tailBytes, firstDrop, dropped) = (0, [], 0, 0, nil, 0)
        return (gap, last)
    }
}
