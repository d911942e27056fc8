import Archive
import EventSchema
import Model

/// The state of a session at a moment, from the archive.
struct StateLoader {
    private let reader: ArchiveReader

    init(_ reader: ArchiveReader) { self.reader = reader }

    /// The union of its sources after every event with effective time ≤ `time`.
    func state(of session: SessionID, at time: RecordTime, lanes: SourceModel.Lanes = .documents) throws
        -> WorkspaceState
    {
        WorkspaceState(try reader.sources(of: session).map { try reader.state(of: $0.id, at: time, lanes: lanes) })
    }
}
