import EventSchema

/// One message that came to a team's archive, as its checks left it.
public enum Arrival: Sendable {
    case batch(CheckedBatch, kind: SourceKind, user: String)
    /// A sealed block, as it is stored and as it reads.
    case block([UInt8], DecodedSealedBlock, kind: SourceKind, user: String)
    case lost(LostRange, kind: SourceKind, user: String)
    /// Not fit to be stored; kept with its reason for a person to look at.
    case refused([UInt8], reason: String)
}

/// What one commit of a team's archive did.
public struct IntakeReport: Sendable, Equatable {
    /// Batches that are new.
    public var appended = 0
    /// Messages of which everything was there.
    public var duplicates = 0
    /// Messages that something is missing before.
    public var waiting = 0
    public var conflicts = 0
    public var quarantined = 0
    /// The heads of the sources the messages were of, duplicates among them: their publisher wants to know.
    public var heads: [SourceID: KnownHead] = [:]

    public init() {}
}

/// How far an archive is with a source, and whose it is.
public struct KnownHead: Sendable, Equatable {
    public var user: String
    public var session: SessionID
    public var head: SourceHead

    public init(user: String, session: SessionID, head: SourceHead) {
        self.user = user
        self.session = session
        self.head = head
    }
}
