import EventSchema

/// A session at a moment: the union of its sources.
public struct WorkspaceState: Sendable {
    /// One source, and how far its machine's clock is from the common one.
    public struct Member: Sendable {
        public var model: SourceModel
        public var offset: Duration

        public init(_ model: SourceModel, offset: Duration = .zero) {
            self.model = model
            self.offset = offset
        }
    }

    /// Where a person is: the target of the newest human event.
    public struct Place: Sendable, Equatable {
        public let source: SourceID
        public let target: Focus.OneOf_Target
        public let time: RecordTime
    }

    /// A cursor in an open document.
    public struct Cursor: Sendable, Equatable {
        public let source: SourceID
        public let document: UInt32
        public let path: [UInt8]
        /// The byte offset in the text, the line from 0, the bytes before it in its line.
        public let offset: Int
        public let line: Int
        public let column: Int
    }

    public var members: [Member]

    public init(_ members: [Member]) { self.members = members }
    public init(_ models: [SourceModel]) { members = models.map { Member($0) } }

    /// The files by path: of each the newest among every source's buffer and what it knows of the disk.
    ///
    /// The buffer of a closed document counts only where nothing is known of the disk. Of two equally new states
    /// the later member's counts, and a buffer's before the disk's.
    ///
    /// - Parameter savedOnly: buffers do not count, only what is on disk.
    public func files(savedOnly: Bool = false) -> [[UInt8]: WorkspaceFile] {
        var newest: [[UInt8]: Candidate] = [:]
        for member in members {
            for document in member.model.documents.values.sorted(by: { $0.number < $1.number }) {
                for candidate in Candidate.all(of: document, in: member, savedOnly: savedOnly)
                where candidate.time >= newest[document.path]?.time ?? .distantPast {
                    newest[document.path] = candidate
                }
            }
        }
        return newest.compactMapValues(\.file)
    }

    /// Where the person is; nil where nobody did anything yet.
    public var focus: Place? {
        var newest: Place?
        for member in members {
            guard let target = member.model.focus, let human = member.model.lastHuman else { continue }
            let time = human + member.offset
            if time >= newest?.time ?? .distantPast {
                newest = Place(source: member.model.source, target: target, time: time)
            }
        }
        return newest
    }

    /// The main cursors of all open documents that have one.
    public var cursors: [Cursor] {
        members.flatMap { member in
            member.model.documents.values.sorted { $0.number < $1.number }.compactMap { document in
                guard document.isOpen, let offset = document.cursor else { return nil }
                let line = document.text.line(of: offset)
                let column = offset - (document.text.offset(ofLine: line) ?? 0)
                return Cursor(
                    source: member.model.source, document: document.number, path: document.path, offset: offset,
                    line: line, column: column)
            }
        }
    }
}

/// One of the states a file may be in.
private struct Candidate {
    let document: DocumentModel
    let source: SourceID
    let time: RecordTime
    /// Nil where the file is not there.
    let text: Document?
    let isBuffer: Bool

    static func all(of document: DocumentModel, in member: WorkspaceState.Member, savedOnly: Bool) -> [Candidate] {
        var candidates: [Candidate] = []
        func add(_ text: Document?, _ time: RecordTime, isBuffer: Bool) {
            candidates.append(
                Candidate(
                    document: document, source: member.model.source, time: time + member.offset, text: text,
                    isBuffer: isBuffer))
        }
        switch document.disk {
        case .unknown: break
        case .text(let text, let since): add(text, since, isBuffer: false)
        case .deleted(let since): add(nil, since, isBuffer: false)
        }
        if document.isPrivate || !savedOnly && (document.isOpen || document.disk == .unknown) {
            add(document.text, document.changed, isBuffer: true)
        }
        return candidates
    }

    var file: WorkspaceFile? {
        guard let text else { return nil }
        return WorkspaceFile(
            path: document.path,
            content: document.isPrivate ? .hidden : .bytes(document.form.diskBytes(of: text.bytes)),
            source: source, document: document.number, time: time, isUnsaved: isBuffer && document.isUnsaved,
            unreliable: document.unreliable)
    }
}
