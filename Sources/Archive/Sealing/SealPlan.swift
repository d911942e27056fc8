import EventSchema
import Foundation

/// Which live rows of a source become which sealed blocks: a decision over what the rows hold, without reading them.
public struct SealPlan: Sendable, Equatable {
    /// What counts of a row of `blocks`.
    public struct Row: Sendable, Equatable {
        public var seq: UInt64
        /// Whether it is a single batch that can go into a block.
        public var isSealable: Bool
        public var events: Int
        public var edits: Int
        /// Of terminals and of long contents.
        public var outputBytes: Int
        public var bytes: Int

        public init(seq: UInt64, isSealable: Bool, events: Int, edits: Int, outputBytes: Int, bytes: Int) {
            self.seq = seq
            self.isSealable = isSealable
            self.events = events
            self.edits = edits
            self.outputBytes = outputBytes
            self.bytes = bytes
        }

        /// The row of a batch that is not sealed yet.
        public init(_ batch: CheckedBatch) {
            var (edits, output) = (0, 0)
            for event in batch.events {
                switch event.body {
                case .edit: edits += 1
                case .terminalOutput(let event): output += event.data.count
                case .piece(let event): output += event.data.count
                default: break
                }
            }
            self.init(
                seq: batch.seq, isSealable: SealedBlockCodec.canSeal(batch), events: batch.events.count,
                edits: edits, outputBytes: output, bytes: batch.encoded.count)
        }
    }

    /// A block of more edits takes longer to seek in than it saves.
    public static let mostEdits = 16_384
    public static let mostOutput = 256 << 10
    /// Of a block's batches: with this and the number of events, what sealing and reading hold in memory is bounded.
    public static let mostBytes = 4 << 20
    public static let mostEvents = SealedBlockCodec.mostEvents / 2

    /// The batches of each block, in order.
    public var blocks: [ClosedRange<UInt64>]

    /// - Parameters:
    ///   - rows: of one source, by seq. Rows that are not sealable (sealed ones among them) part the blocks.
    ///   - watermark: the last seq the team has; rows above it stay as they are. Nil where there is no team.
    ///   - floor: a block ends at this seq if it comes there: what follows is shared, what is before is not.
    ///   - isComplete: whether no row will follow, so that the last block need not be full.
    public init(rows: [Row], watermark: UInt64? = nil, floor: UInt64? = nil, isComplete: Bool) {
        blocks = []
        var planner = SealPlanner()
        for row in rows {
            if let watermark, row.seq > watermark { return }
            if let block = planner.add(row) { blocks.append(block) }
            if row.seq == floor, let block = planner.finish() { blocks.append(block) }
        }
        if isComplete, let block = planner.finish() { blocks.append(block) }
    }
}

/// Makes a `SealPlan` row by row: says of each row whether the rows before it are a block now.
struct SealPlanner {
    private var group: ClosedRange<UInt64>?
    private var (events, edits, output, bytes) = (0, 0, 0, 0)

    /// - Returns: the block that ended before this row.
    mutating func add(_ row: SealPlan.Row) -> ClosedRange<UInt64>? {
        var ended: ClosedRange<UInt64>?
        if let group {
            let follows = group.upperBound &+ 1 == row.seq
            let isFull =
                edits + row.edits > SealPlan.mostEdits || output + row.outputBytes > SealPlan.mostOutput
                || bytes + row.bytes > SealPlan.mostBytes || events + row.events > SealPlan.mostEvents
            if !row.isSealable || !follows || isFull { ended = finish() }
        }
        guard row.isSealable else { return ended }
        group = (group?.lowerBound ?? row.seq)...row.seq
        events += row.events
        edits += row.edits
        output += row.outputBytes
        bytes += row.bytes
        return ended
    }

    /// - Returns: the block of the rows that were left.
    mutating func finish() -> ClosedRange<UInt64>? {
        defer { self = SealPlanner() }
        return group
    }
}
