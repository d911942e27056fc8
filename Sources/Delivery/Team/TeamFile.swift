import AMQPBridge
import EventSchema

/// Who belongs to a team and who may follow whom: the content of `team.toml`. `playhead team` writes it and applies it
/// to the broker; the archiver reads it for its own answers.
public struct TeamFile: Hashable, Sendable {
    /// The virtual host that holds everything of the team.
    public var virtualHost: String
    public var archiverPassword: PasswordHash
    /// Of the login `administrator` on a broker that is the team's own; nil: the broker has another.
    public var administratorPassword: PasswordHash?
    /// Where people reach the broker, for the addresses they are given; nil: on the private node.
    public var broker: AMQPURL?
    /// By name.
    public var people: [String: Person] = [:]
    /// Whose logins may still be on the broker, and must not let anybody in.
    public var removed: Set<String> = []

    public init(virtualHost: String = BrokerNames.virtualHost, archiverPassword: PasswordHash) {
        self.virtualHost = virtualHost
        self.archiverPassword = archiverPassword
    }

    /// Somebody who records and follows. One password is for both logins, `<user>` and `f-<user>`.
    public struct Person: Hashable, Sendable {
        public var password: PasswordHash
        /// Whom this person may follow, besides oneself.
        public var follows: [String: Grant] = [:]

        public init(password: PasswordHash) { self.password = password }
    }

    /// What one may follow of somebody.
    public enum Grant: Hashable, Sendable {
        /// All, also what is still to come.
        case everything
        case sessions(Set<SessionID>)
    }

    /// Whether `follower` may see a session of `user`. The archiver's answers and the broker's permissions follow the
    /// same file, so that neither gives away what the other refuses.
    public func mayFollow(_ follower: String, _ user: String, session: SessionID) -> Bool {
        guard let person = people[follower] else { return false }
        if follower == user { return true }
        switch person.follows[user] {
        case .everything: return true
        case .sessions(let sessions): return sessions.contains(session)
        case nil: return false
        }
    }

    /// Lets `follower` see all of `user`, or these sessions besides those already granted.
    ///
    /// - Throws: `TeamError(.unknownPerson)`.
    public mutating func grant(
        _ follower: String, _ user: String, sessions: Set<SessionID> = []
    ) throws(TeamError) {
        try check(follower, user)
        switch people[follower]?.follows[user] {
        case .everything: break
        case .sessions(let known) where !sessions.isEmpty:
            people[follower]?.follows[user] = .sessions(known.union(sessions))
        default: people[follower]?.follows[user] = sessions.isEmpty ? .everything : .sessions(sessions)
        }
    }

    /// Takes back what was granted: all of `user`, or these sessions.
    ///
    /// - Returns: whether anything was taken back.
    /// - Throws: `TeamError`: `.unknownPerson`; `.wholePerson` if sessions are to be taken from a grant of everything.
    @discardableResult
    public mutating func revoke(
        _ follower: String, _ user: String, sessions: Set<SessionID> = []
    ) throws(TeamError) -> Bool {
        try check(follower, user)
        guard let grant = people[follower]?.follows[user] else { return false }
        if sessions.isEmpty {
            people[follower]?.follows[user] = nil
            return true
        }
        guard case .sessions(let known) = grant else {
            throw TeamError(
                .wholePerson, "\(follower) may follow all of \(user); revoke that, then grant single sessions")
        }
        let left = known.subtracting(sessions)
        people[follower]?.follows[user] = left.isEmpty ? nil : .sessions(left)
        return left != known
    }

    /// - Throws: `TeamError`: `.name`, `.exists`.
    public mutating func add(_ user: String, password: PasswordHash) throws(TeamError) {
        guard BrokerNames.isUserName(user) else {
            throw TeamError(
                .name,
                "'\(user)' is no name here: up to 32 of a-z, 0-9 and '-', not 'archiver' or 'administrator', nor beginning with 'f-'"
            )
        }
        guard people[user] == nil else { throw TeamError(.exists, "'\(user)' belongs to the team already") }
        people[user] = Person(password: password)
        removed.remove(user)
    }

    /// Takes somebody out, with every grant from and to.
    ///
    /// - Throws: `TeamError(.unknownPerson)`.
    public mutating func remove(_ user: String) throws(TeamError) {
        try check(user)
        people[user] = nil
        for name in people.keys { people[name]?.follows[user] = nil }
        removed.insert(user)
    }

    private func check(_ names: String...) throws(TeamError) {
        for name in names where people[name] == nil {
            let known = people.keys.sorted().joined(separator: ", ")
            throw TeamError(
                .unknownPerson, "'\(name)' does not belong to the team (\(known.isEmpty ? "nobody does" : known))")
        }
    }
}

/// Why a team's file cannot be read, or not be changed so.
public struct TeamError: Error, Sendable, CustomStringConvertible {
    /// What kind of thing is wrong; open, so that kinds can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped: String { case malformed, unreadable, name, exists, unknownPerson, wholePerson, noTeam }
        private let wrapped: Wrapped

        /// The file is no team's file; the message has the line.
        public static let malformed = Code(wrapped: .malformed)
        /// The file cannot be read or written.
        public static let unreadable = Code(wrapped: .unreadable)
        /// A name that cannot be a person's.
        public static let name = Code(wrapped: .name)
        /// There is such a person already.
        public static let exists = Code(wrapped: .exists)
        /// There is no such person.
        public static let unknownPerson = Code(wrapped: .unknownPerson)
        /// A part is to be taken from a grant that has no parts.
        public static let wholePerson = Code(wrapped: .wholePerson)
        /// There is no such file.
        public static let noTeam = Code(wrapped: .noTeam)

        public var description: String { wrapped.rawValue }
    }

    public var code: Code
    /// What is wrong, in words for a person.
    public var message: String
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    public var description: String { message }
}
