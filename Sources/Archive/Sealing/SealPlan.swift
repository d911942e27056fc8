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
            for event in batch.batch.events {
                switch event.body {
                case .edit: edits += 1
                case .terminalOutput(let event): output += event.data.count
                case .piece(let event): output += event.data.count
                default: break
                }
            }
            self.init(
                seq: batch.seq, isSealable: SealedBlockCodec.canSeal(batch), events: batch.batch.events.count,
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
        var group: [Row] = []
        var (events, edits, output, bytes) = (0, 0, 0, 0)
        func close(_ blocks: inout [ClosedRange<UInt64>]) {
            if let first = group.first, let last = group.last { blocks.append(first.seq...last.seq) }
            group = []
            (events, edits, output, bytes) = (0, 0, 0, 0)
        }
        for row in rows {
            if let watermark, row.seq > watermark { break }
            let follows = group.last.map { $0.seq &+ 1 == row.seq } ?? true
            if !row.isSealable || !follows { close(&blocks) }
            guard row.isSealable else { continue }
            if !group.isEmpty,
                edits + row.edits > Self.mostEdits || output + row.outputBytes > Self.mostOutput
                    || bytes + row.bytes > Self.mostBytes || events + row.events > Self.mostEvents
            {
                close(&blocks)
            }
            group.append(row)
            events += row.events
            edits += row.edits
            output += row.outputBytes
            bytes += row.bytes
            if row.seq == floor { close(&blocks) }
        }
        let endsRows = group.last?.seq == rows.last?.seq
        if isComplete && endsRows { close(&blocks) }
    }
}
