import EventSchema

/// What the index knows of a session.
public struct SessionSummary: Sendable, Equatable {
    public var id: SessionID
    public var title: String
    public var tags: [String]
    /// Real path of the workspace; as bytes, because paths need not be UTF-8. Empty for an import.
    public var workspace: [UInt8]
    public var user: String
    public var host: String
    public var reach: Reach
    public var first: RecordTime
    public var last: RecordTime
    /// When its agent closed it; nil while it is open, or if nobody ever did.
    public var closed: RecordTime?
    public var edits: Int
    public var outputBytes: Int
    public var commands: Int
    public var failedCommands: Int
    public var notes: Int
    public var files: Int
    /// Human events for each minute since the epoch that has any, in order.
    public var activity: [(minute: Int64, events: Int)]

    public init(
        id: SessionID, title: String, tags: [String], workspace: [UInt8], user: String, host: String, reach: Reach,
        first: RecordTime, last: RecordTime, closed: RecordTime?, edits: Int, outputBytes: Int, commands: Int,
        failedCommands: Int, notes: Int, files: Int, activity: [(minute: Int64, events: Int)]
    ) {
        self.id = id
        self.title = title
        self.tags = tags
        self.workspace = workspace
        self.user = user
        self.host = host
        self.reach = reach
        self.first = first
        self.last = last
        self.closed = closed
        self.edits = edits
        self.outputBytes = outputBytes
        self.commands = commands
        self.failedCommands = failedCommands
        self.notes = notes
        self.files = files
        self.activity = activity
    }

    public static func == (a: SessionSummary, b: SessionSummary) -> Bool {
        a.id == b.id && a.last == b.last && a.edits == b.edits
    }

    /// Path of the workspace as text.
    public var workspacePath: String { String(decoding: workspace, as: UTF8.self) }
}

/// A source of a session, as the archive has it.
public struct SourceSummary: Sendable, Equatable {
    public var id: SourceID
    public var session: SessionID
    public var user: String
    public var kind: SourceKind
    public var head: SourceHead
    public var end: RecordTime
    public var isClosed: Bool
    /// When this archive got the last of it from a broker, by its own clock; the epoch: never.
    public var arrived: RecordTime
}
