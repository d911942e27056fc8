import EventSchema
import Model

/// What a follower tells those who show it, in the order it is to be shown.
public enum FollowUpdate: Sendable {
    /// A source that is new here.
    case source(FollowedSource)
    /// What the team's archive says of a session; once for each connection on which it answers.
    case session(CatalogueSession)
    /// The source stands here now: the state after the last batch of which nothing was told.
    case state(SourceModel)
    /// What happened next in a source: batches without hole, in order, each once.
    case events(SourceID, [TimedEvent])
    /// Batches that were stepped over by a `state` and have been found since; every reader of the list wants them, no
    /// reader of the state does.
    case late(SourceID, [TimedEvent])
    /// These batches exist nowhere, or were never shared.
    case lost(SourceID, ClosedRange<UInt64>)
    case condition(FollowCondition)
}

/// A source that is followed.
public struct FollowedSource: Hashable, Sendable {
    public var id: SourceID
    public var session: SessionID
    public var user: String
    public var kind: SourceKind

    public init(id: SourceID, session: SessionID, user: String, kind: SourceKind) {
        self.id = id
        self.session = session
        self.user = user
        self.kind = kind
    }
}

/// How well a follower follows.
public struct FollowCondition: Hashable, Sendable {
    /// Why there is no connection to the broker; nil: there is one.
    public var unconnected: String?
    /// Whether no archive answers: what is missing stays missing for now.
    public var isArchiveAway = false
    /// How many sources are not yet where they are known to be.
    public var joining = 0
    /// How many batches are known to exist and not here yet.
    public var missing: UInt64 = 0
    /// How many batches a `state` stepped over that have not come as `late` yet.
    public var late: UInt64 = 0

    /// Whether there are more sources than one follower takes (`FollowQueue.mostSources`); those that came last are not
    /// shown.
    public var hasTooMany = false

    public init() {}

    /// The state of everything that is known to exist is here.
    public var isLive: Bool { unconnected == nil && joining == 0 && missing == 0 && !hasTooMany }
}
