import EventSchema

/// What is known of a session without reading its events.
public struct SessionInfo: Sendable, Equatable {
    public var id: SessionID
    /// Empty if nobody named it.
    public var title: String
    /// The real path of the workspace.
    public var workspace: [UInt8]
    public var user: String
    public var host: String
    public var started: RecordTime
    /// Nil while the session is open.
    public var ended: RecordTime?
    public var reach: Reach
    /// The idle limit that the session or its workspace asks for.
    public var idleLimit: Duration?

    public init(
        id: SessionID, title: String = "", workspace: [UInt8], user: String, host: String = "", started: RecordTime,
        ended: RecordTime? = nil, reach: Reach = .local, idleLimit: Duration? = nil
    ) {
        self.id = id
        self.title = title
        self.workspace = workspace
        self.user = user
        self.host = host
        self.started = started
        self.ended = ended
        self.reach = reach
        self.idleLimit = idleLimit
    }

    /// The last part of the workspace's path.
    public var workspaceName: String {
        String(decoding: workspace.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self)
    }
}
