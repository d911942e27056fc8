import EventSchema

/// A stretch of work on one thing.
public struct Scene: Sendable, Equatable {
    /// Its events: places in `Recording.events`.
    public var events: Range<Int>
    public var start: RecordTime
    public var end: RecordTime
    /// The document or terminal most of it happened in.
    public var subject: Activity.Subject
    public var edits: Int
    /// How many commands in it went from failing to passing or back.
    public var statusChanges: Int
    public var commands: Int
    /// How much was done, for sharing out play time: bytes of text, those that survive counting double, and a part
    /// for commands.
    public var effort: Double
    /// The path or the command, as the recording has it; untrusted.
    public var path: [UInt8]
    /// The function, type or heading most of it happened in.
    public var landmark: String?

    /// Whether it must be seen: a stretch of real editing, or a command whose outcome changed.
    public var isNotable: Bool { edits >= 10 || statusChanges > 0 }
}
