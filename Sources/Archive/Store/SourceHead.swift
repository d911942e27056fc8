import EventSchema

/// How far the archive has come with a source, and what a batch that arrives means to it.
public struct SourceHead: Sendable, Equatable {
    /// The newest seq that is stored; 0: none.
    public var seq: UInt64
    /// The hash of that batch; nil at 0.
    public var hash: ContentHash?

    public init(seq: UInt64 = 0, hash: ContentHash? = nil) {
        self.seq = seq
        self.hash = hash
    }

    public enum Decision: Sendable, Equatable {
        /// It is the next one: store it.
        case extends
        /// It is known; drop it.
        case duplicate
        /// Something before it is missing; keep it aside.
        case ahead
        /// It names another predecessor than the one stored: note the hashes, keep nothing of it.
        case conflict
    }

    /// What `batch` is to this head.
    public func decision(on batch: CheckedBatch) -> Decision {
        if batch.seq <= seq { return .duplicate }
        if batch.seq > seq + 1 { return .ahead }
        return batch.previous == hash ? .extends : .conflict
    }

    /// The head after `batch` has been stored.
    public func extended(by batch: CheckedBatch) -> SourceHead { SourceHead(seq: batch.seq, hash: batch.hash) }
}
