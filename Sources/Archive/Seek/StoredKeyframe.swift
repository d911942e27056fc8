import EventSchema
import Foundation
import GRDB

/// A keyframe as it is stored: the packed state of a source after all events of the batch `seq`.
public struct StoredKeyframe: Sendable, Equatable {
    public var seq: UInt64
    /// The effective time of the last event in it.
    public var time: RecordTime
    public var body: [UInt8]

    public init(seq: UInt64, time: RecordTime, body: [UInt8]) {
        self.seq = seq
        self.time = time
        self.body = body
    }
}

extension StoredKeyframe {
    /// The newest keyframe of a source not after `time` with those it builds on, the full one first; empty if none.
    ///
    /// - Parameter seq: only keyframes behind this batch.
    static func chain(
        of source: Int64, at time: RecordTime, after seq: UInt64, in db: Database
    ) throws -> [StoredKeyframe] {
        let newest = try Int64.fetchOne(
            db, sql: "SELECT max(seq) FROM keyframes WHERE source = ? AND time_us <= ? AND seq > ?",
            arguments: [source, time.microseconds, Int64(clamping: seq)])
        guard let newest else { return [] }
        let rows = try Row.fetchCursor(
            db, sql: "SELECT seq, time_us, body FROM keyframes WHERE source = ? AND seq <= ? ORDER BY seq DESC",
            arguments: [source, newest])
        var chain: [StoredKeyframe] = []
        while let row = try rows.next() {
            let body: Data = row["body"]
            let keyframe = StoredKeyframe(row, body: body)
            chain.append(keyframe)
            if try KeyframeCodec.chainPosition(of: keyframe.body) == 0 { break }
        }
        return chain.reversed()
    }

    /// Every keyframe of a source, oldest first.
    static func all(of source: SourceID, in db: Database) throws -> [StoredKeyframe] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT k.seq, k.time_us, k.body FROM keyframes k JOIN sources s ON s.id = k.source
                WHERE s.source = ? ORDER BY k.seq
                """, arguments: [Data(source.bytes)])
        return rows.map { row in
            let body: Data = row["body"]
            return StoredKeyframe(row, body: body)
        }
    }

    private init(_ row: Row, body: Data) {
        let seq: Int64 = row["seq"]
        self.init(seq: UInt64(max(0, seq)), time: RecordTime(microseconds: row["time_us"]), body: Array(body))
    }
}

extension ArchiveWriter {
    /// Stores a keyframe at the end of a stored block. One that is there already stays.
    ///
    /// - Returns: false if no block of the source ends there any more, or it has a keyframe; nothing is changed then.
    @discardableResult
    public func store(_ keyframe: StoredKeyframe, of source: SourceID) throws(ArchiveError) -> Bool {
        do {
            return try database.write { db in
                try db.execute(
                    sql: """
                        INSERT OR IGNORE INTO keyframes(source, seq, time_us, body)
                        SELECT s.id, :seq, :time, :body FROM sources s
                        WHERE s.source = :source AND :seq = (
                            SELECT last FROM blocks WHERE source = s.id AND first <= :seq ORDER BY first DESC LIMIT 1)
                        """,
                    arguments: [
                        "source": Data(source.bytes), "seq": Int64(clamping: keyframe.seq),
                        "time": keyframe.time.microseconds, "body": Data(keyframe.body),
                    ])
                return db.changesCount > 0
            }
        } catch {
            throw ArchiveError(translating: error, doing: "store a keyframe of source \(source)")
        }
    }
}
