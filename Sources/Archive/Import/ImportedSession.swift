import EventSchema

/// What an import makes of a file: a session with its sources. Nothing of it depends on when or where the import
/// runs, so importing the same file again gives the same batches.
public struct ImportedSession: Sendable {
    public let id: SessionID
    public var title: String
    public var started: RecordTime
    public var sources: [ImportedSource]
    /// What was skipped, repaired or guessed, in words for a person.
    public var warnings: [String]

    /// - Parameters:
    ///   - content: what tells this session from any other; the identities are made from its hash.
    ///   - opened: what is said of the session; becomes its first source, with `more` behind.
    init(
        title: String, started: RecordTime, ended: RecordTime, content: [[UInt8]], opened: SessionOpened,
        more: [Event] = [], warnings: [String],
        sources: [(kind: SourceKind, program: String, events: [(time: RecordTime, event: Event)])]
    ) {
        let hash = ContentHash(of: content.flatMap { ContentHash(of: $0).bytes }).bytes
        id = SessionID(Self.identifier(hash, "session", at: started))
        let title = title.clipped(to: 2048)
        self.title = title
        self.started = started
        self.warnings = warnings
        var opened = opened
        opened.title = title
        opened.reach = .local
        var events = [(time: started, event: Event(.sessionOpened(opened)))] + more.map { (time: started, event: $0) }
        var closed = SessionClosed()
        closed.reason = "imported"
        events.append((time: max(started, ended), event: Event(.sessionClosed(closed))))
        self.sources =
            [ImportedSource(id: Self.source(hash, 0, at: started), kind: .session, program: "import", events: events)]
            + sources.enumerated().map { index, source in
                ImportedSource(
                    id: Self.source(hash, index + 1, at: started), kind: source.kind, program: source.program,
                    events: source.events)
            }
    }

    private static func source(_ hash: [UInt8], _ number: Int, at time: RecordTime) -> SourceID {
        SourceID(identifier(hash, "source \(number)", at: time))
    }

    /// Shaped as a UUIDv7: the time as in any other, and bits of a hash where others have random ones.
    private static func identifier(_ hash: [UInt8], _ role: String, at time: RecordTime) -> Identifier {
        var generator = HashBits(ContentHash(of: hash + Array(role.utf8)).bytes)
        return Identifier.make(at: time, using: &generator)
    }
}

/// Gives the 32 bytes of a hash as the "random" numbers an identifier is made of: it asks for two.
private struct HashBits: RandomNumberGenerator {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func next() -> UInt64 {
        defer { rest = rest.dropFirst(8) }
        return rest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
