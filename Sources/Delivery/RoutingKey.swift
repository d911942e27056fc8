import EventSchema

/// The routing key of a batch: `<user>.<session>.<kind>.<source>`.
public struct RoutingKey: Hashable, Sendable, CustomStringConvertible {
    /// The publishing login.
    public var user: String
    public var session: SessionID
    /// What kind of source it is, one word.
    public var kind: String
    public var source: SourceID

    /// Nil if `user` is no user's name or `kind` no word.
    public init?(user: String, session: SessionID, kind: String, source: SourceID) {
        guard BrokerNames.isUserName(user), BrokerNames.isWord(kind) else { return nil }
        self.user = user
        self.session = session
        self.kind = kind
        self.source = source
    }

    /// Reads a key that came with a message; nil if it is not exactly of this form.
    public init?(_ text: String) {
        let words = text.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == 4, let session = Identifier(words[1]), let source = Identifier(words[3]) else {
            return nil
        }
        self.init(
            user: String(words[0]), session: SessionID(session), kind: String(words[2]), source: SourceID(source))
        // One spelling only: permissions compare letters.
        guard description == text else { return nil }
    }

    public var description: String { "\(user).\(session).\(kind).\(source)" }
}
