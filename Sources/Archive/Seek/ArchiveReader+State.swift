import EventSchema
import Foundation
import GRDB
import Model
import Synchronization

extension ArchiveReader {
    /// The state of a source after every event with effective time ≤ `time`: from the nearest keyframe or state of an
    /// earlier seek on, through sealed blocks and single batches.
    ///
    /// With the lane `hashes` all events are applied from the first on: keyframes are made without it.
    ///
    /// - Throws: `ArchiveError(.missing)` if there is no such source, `.damaged` if a block on the way cannot be read.
    public func state(
        of source: SourceID, at time: RecordTime, lanes: SourceModel.Lanes = .keyframe
    ) throws(ArchiveError) -> SourceModel {
        do {
            if !lanes.contains(.hashes), let found = try seek(source, time, lanes, fromKeyframes: true) { return found }
            // A keyframe that cannot be read is for `verify` to tell; the events say the same.
            guard let found = try seek(source, time, lanes, fromKeyframes: false) else {
                throw ArchiveError(.failed, "a seek came to nothing")
            }
            return found
        } catch {
            throw ArchiveError(translating: error, doing: "read source \(source)")
        }
    }

    /// What a seek takes from the file.
    private struct Plan {
        var keyframes: [StoredKeyframe] = []
        /// From the one that holds the first batch not in the keyframe. Bodies of cached blocks are not read.
        var blocks: [(arrival: Int64, body: Data?)] = []
    }

    /// - Returns: nil if a keyframe cannot be read.
    private func seek(
        _ source: SourceID, _ time: RecordTime, _ lanes: SourceModel.Lanes, fromKeyframes: Bool
    ) throws -> SourceModel? {
        let known = fromKeyframes ? cache.withLock { $0.state(of: source, at: time, lanes) } : nil
        let plan: Plan
        do {
            plan = try rows(for: source, time, from: known?.seq ?? 0, fromKeyframes: fromKeyframes)
        } catch is SealingError {
            return nil
        }
        var model = known ?? SourceModel(source: source, lanes: lanes)
        if !plan.keyframes.isEmpty {
            guard let state = try? KeyframeCodec().decode(chain: plan.keyframes.map(\.body)),
                let restored = try? SourceModel(encodedState: state, lanes: lanes), restored.source == source
            else { return nil }
            model = restored
            cache.withLock { $0.keep(restored) }
        }
        try advance(&model, over: plan.blocks, until: time)
        return model
    }

    private func rows(
        for source: SourceID, _ time: RecordTime, from seq: UInt64, fromKeyframes: Bool
    ) throws -> Plan {
        try archive.read { db in
            var plan = Plan()
            let id = try db.cachedStatement(sql: "SELECT id FROM sources WHERE source = ?")
            guard let id = try Int64.fetchOne(id, arguments: [Data(source.bytes)]) else {
                throw ArchiveError(.missing, "there is no source \(source)")
            }
            if fromKeyframes { plan.keyframes = try StoredKeyframe.chain(of: id, at: time, after: seq, in: db) }
            let next = Int64(clamping: plan.keyframes.last?.seq ?? seq) &+ 1
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT arrival, first, last, start_us FROM blocks WHERE source = :source AND first >= coalesce(
                            (SELECT max(first) FROM blocks WHERE source = :source AND first <= :next), 0) ORDER BY first
                        """), arguments: ["source": id, "next": next])
            let body = try db.cachedStatement(sql: "SELECT body FROM blocks WHERE arrival = ?")
            while let row = try rows.next() {
                let (first, last, start): (Int64, Int64, Int64) = (row["first"], row["last"], row["start_us"])
                if last < next { continue }
                // What begins later holds nothing; what the cut falls into is read.
                if start > time.microseconds, first >= next { break }
                let arrival: Int64 = row["arrival"]
                let isCached = cache.withLock { $0.contains(block: arrival) }
                plan.blocks.append((arrival, isCached ? nil : try Data.fetchOne(body, arguments: [arrival])))
            }
            return plan
        }
    }

    private func advance(
        _ model: inout SourceModel, over blocks: [(arrival: Int64, body: Data?)], until time: RecordTime
    ) throws {
        let unpacker = try ZstdDecompressor()
        var batches = 0
        for (arrival, stored) in blocks {
            let block: SoughtBlock
            if let cached = cache.withLock({ $0.block(arrival) }) {
                block = cached
            } else {
                block = SoughtBlock(
                    try BlockBody(stored: try stored.map(Array.init) ?? body(of: arrival), with: unpacker))
                if case .sealed = block.body { cache.withLock { $0.keep(block, arrival: arrival) } }
            }
            guard block.advance(&model, until: time) else { return }
            if case .batch = block.body { batches += 1 } else { batches = 0 }
            // At the end of a block, and now and then among many single batches.
            if batches % 1024 == 0, !model.lanes.contains(.hashes) { cache.withLock { $0.keep(model) } }
        }
    }

    /// Of a block that another seek drove out of the cache meanwhile.
    private func body(of arrival: Int64) throws -> [UInt8] {
        let body = try archive.read { db in
            try Data.fetchOne(db, sql: "SELECT body FROM blocks WHERE arrival = ?", arguments: [arrival])
        }
        guard let body else { throw ArchiveError(.missing, "a block was removed while it was read") }
        return Array(body)
    }
}
