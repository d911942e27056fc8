import Archive
import EventSchema
import Model

/// The state of a session at a moment, from the archive.
struct StateLoader {
    private let reader: ArchiveReader

    init(_ reader: ArchiveReader) { self.reader = reader }

    /// The union of its sources after every event with effective time ≤ `time`.
    func state(of session: SessionID, at time: RecordTime, lanes: SourceModel.Lanes = .documents) throws -> WorkspaceState {
        var members: [SourceModel] = []
        for source in try reader.sources(of: session) {
            var model = SourceModel(source: source.id, lanes: lanes)
            for timed in try reader.events(of: source.id) {
                if timed.time > time { break }
                _ = model.apply(timed)
            }
            members.append(model)
        }
        return WorkspaceState(members)
    }
}
