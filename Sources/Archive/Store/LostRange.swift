import EventSchema
import Foundation
import GRDB

/// Batches of a source that their publisher does not have, or does not share: they count as present.
public struct LostRange: Sendable, Equatable {
    public var source: SourceID
    public var session: SessionID
    public var seqs: ClosedRange<UInt64>
    /// The hash of the last of them, which the batch behind them names.
    public var lastHash: ContentHash

    public init(source: SourceID, session: SessionID, seqs: ClosedRange<UInt64>, lastHash: ContentHash) {
        self.source = source
        self.session = session
        self.seqs = seqs
        self.lastHash = lastHash
    }

    /// The ranges of a source, by their first seq.
    static func all(of source: SourceID, in db: Database) throws -> [UInt64: UInt64] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT first, last FROM lost WHERE source = ?", arguments: [Data(source.bytes)])
        return Dictionary(
            rows.map { row in
                let (first, last): (Int64, Int64) = (row["first"], row["last"])
                return (UInt64(max(0, first)), UInt64(max(0, last)))
            }
        ) { max($0, $1) }
    }
}
