import EventSchema

/// Whom a follower follows: a person in all they do live, or one of their sessions.
public struct FollowTarget: Hashable, Sendable {
    /// The publishing login.
    public var user: String
    /// Nil: every session of theirs that is live.
    public var session: SessionID?

    public init(user: String, session: SessionID? = nil) {
        self.user = user
        self.session = session
    }

    func covers(_ user: String, _ session: SessionID) -> Bool {
        self.user == user && (self.session == nil || self.session == session)
    }
}
