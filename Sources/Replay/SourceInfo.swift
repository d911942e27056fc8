import EventSchema

/// What is known of a source without reading its events.
public struct SourceInfo: Sendable, Equatable {
    public var id: SourceID
    public var session: SessionID
    public var kind: SourceKind
    /// "bash", "nvim 0.11.4".
    public var program: String
    public var user: String

    public init(id: SourceID, session: SessionID, kind: SourceKind, program: String = "", user: String = "") {
        self.id = id
        self.session = session
        self.kind = kind
        self.program = program
        self.user = user
    }
}
