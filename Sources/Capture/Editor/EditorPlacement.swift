import EventSchema

/// Where the events of one file go.
public enum EditorPlacement: Sendable, Equatable {
    /// To the session with this number, as the driver counts them.
    case record(Int)
    /// It is in a recorded workspace, but private: only that it was there is told.
    case hidden(Int, why: String)
    /// In no recorded workspace.
    case none
}

/// What an `EditorSession` wants done.
public enum EditorAction: Sendable, Equatable {
    case record(session: Int, body: Event.OneOf_Body, time: RecordTime)
    /// A line for the plugin.
    case reply(JSONValue)
    /// Something went wrong; for stderr.
    case report(String)
}
