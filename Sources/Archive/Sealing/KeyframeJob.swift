import EventSchema
import Foundation
import GRDB
import Model

/// Makes the keyframes of one source at the ends of its sealed blocks: walks it beside the writer from the newest
/// keyframe on and gives the writer one keyframe at a time. Run again, it adds what is missing.
public final class KeyframeJob {
    private let reader: ArchiveReader
    private let policy: KeyframePolicy
    private let codec: KeyframeCodec
    private let unpacker: ZstdDecompressor

    /// - Throws: `ArchiveError(.failed)` where there is no memory.
    public init(reader: ArchiveReader, policy: KeyframePolicy = KeyframePolicy()) throws(ArchiveError) {
        self.reader = reader
        self.policy = policy
        do {
            codec = try KeyframeCodec()
            unpacker = try ZstdDecompressor()
        } catch {
            throw ArchiveError(.failed, "no memory for keyframes: \(error)", underlying: error)
        }
    }

    /// - Parameters:
    ///   - store: stores a keyframe.
    ///   - goesOn: asked between blocks; the job ends early when it says no.
    /// - Returns: how many keyframes were made.
    public func extend(
        _ source: SourceID, store: (SourceID, StoredKeyframe) throws(ArchiveError) -> Void,
        goesOn: () -> Bool = { true }
    ) throws(ArchiveError) -> Int {
        let (chain, blocks) = try ahead(of: source)
        // A block alone is never enough for a keyframe under the usual policy: most sources end here.
        guard blocks.count > 1 || policy != KeyframePolicy(), !blocks.isEmpty else { return 0 }
        do {
            var model = SourceModel(source: source)
            var previous: (state: [UInt8], position: Int)?
            if let newest = chain.last {
                let state = try codec.decode(chain: chain.map(\.body))
                model = try SourceModel(encodedState: state)
                previous = (state, try KeyframeCodec.chainPosition(of: newest.body))
            }
            var policy = policy
            var made = 0
            for arrival in blocks {
                guard goesOn(), let block = try block(arrival) else { return made }
                _ = block.advance(&model, until: .distantFuture)
                let work = block.work
                guard policy.isDue(edits: work.edits, outputBytes: work.outputBytes) else { continue }
                let state = try model.encodedState()
                let body = try codec.encode(state: state, after: previous)
                try store(source, StoredKeyframe(seq: model.seq, time: model.time, body: body))
                previous = (state, try KeyframeCodec.chainPosition(of: body))
                made += 1
            }
            return made
        } catch {
            throw ArchiveError(translating: error, doing: "make keyframes of source \(source)")
        }
    }

    /// The newest keyframe with those it builds on, and the sealed blocks that follow it without a hole.
    private func ahead(of source: SourceID) throws(ArchiveError) -> (chain: [StoredKeyframe], blocks: [Int64]) {
        do {
            return try reader.archive.read { db in
                let id = try Int64.fetchOne(
                    db, sql: "SELECT id FROM sources WHERE source = ?", arguments: [Data(source.bytes)])
                guard let id else { return ([], []) }
                let chain = try StoredKeyframe.chain(of: id, at: .distantFuture, after: 0, in: db)
                var next = Int64(clamping: chain.last?.seq ?? 0) + 1
                let rows = try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT arrival, first, last, substr(body, 1, 1) <> x'00' sealed FROM blocks
                        WHERE source = ? AND first >= ? ORDER BY first
                        """, arguments: [id, next])
                var blocks: [Int64] = []
                while let row = try rows.next(), row["first"] == next, row["sealed"] {
                    blocks.append(row["arrival"])
                    next = row["last"] + 1
                }
                return (chain, blocks)
            }
        } catch {
            throw ArchiveError(translating: error, doing: "read source \(source)")
        }
    }

    /// - Returns: nil if it was removed meanwhile.
    private func block(_ arrival: Int64) throws -> SoughtBlock? {
        let stored = try reader.archive.read { db in
            try Data.fetchOne(db, sql: "SELECT body FROM blocks WHERE arrival = ?", arguments: [arrival])
        }
        return try stored.map { SoughtBlock(try BlockBody(stored: Array($0), with: unpacker)) }
    }
}
