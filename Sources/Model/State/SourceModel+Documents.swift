import EventSchema
import Foundation

extension SourceModel {
    mutating func takeDocument(_ body: Event.OneOf_Body?) throws(ModelError) {
        switch body {
        case .piece(let piece): try add(piece)
        case .edit(let edit): try take(edit)
        case .documentOpened(let opened): try take(opened)
        case .selections(let selections):
            try change(selections.document) { document throws(ModelError) in
                document.selections = selections.selections
                if selections.hasFirstLine { document.firstLine = selections.firstLine }
                if selections.hasLastLine { document.lastLine = selections.lastLine }
            }
            if !selections.inferred { work(in: .document(selections.document)) }
        case .documentSaved(let saved):
            let (time, checks) = (diskTime, lanes.contains(.hashes))
            try change(saved.document) { document throws(ModelError) in
                document.disk = .text(document.text, since: time)
                if checks { try document.check(saved.hash) }
            }
        case .documentClosed(let closed):
            let checks = lanes.contains(.hashes)
            try change(closed.document) { document throws(ModelError) in
                document.isOpen = false
                if checks { try document.check(closed.hash) }
            }
        case .documentRenamed(let renamed):
            try change(renamed.document) { document throws(ModelError) in document.path = [UInt8](renamed.path) }
        case .documentDeleted(let deleted):
            let time = diskTime
            try change(deleted.document) { document throws(ModelError) in document.disk = .deleted(since: time) }
        case .documentResynced(let resynced):
            let (text, time) = (try bytes(of: resynced.text), time)
            if documents[resynced.document] == nil, !resynced.path.isEmpty { know(resynced) }
            try change(resynced.document) { document throws(ModelError) in
                document.text = Document(text)
                document.changed = time
                document.unreliable = nil
            }
        case .documentPrivate(let hidden):
            documents[hidden.document, default: DocumentModel(number: hidden.document)].hide()
        default: break
        }
    }

    /// A keyframe writes "never" as 0, so that no disk state may have that time.
    private var diskTime: RecordTime { time == .epoch ? RecordTime(microseconds: 1) : time }

    private mutating func change(
        _ number: UInt32, _ body: (inout DocumentModel) throws(ModelError) -> Void
    ) throws(ModelError) {
        guard documents[number] != nil else { throw ModelError(.unknown, "document \(number) was never opened") }
        try body(&documents[number, default: DocumentModel(number: number)])
    }

    /// A document whose opening was not shared.
    private mutating func know(_ resynced: DocumentResynced) {
        var document = DocumentModel(number: resynced.document)
        document.path = [UInt8](resynced.path)
        document.language = resynced.language
        document.form.lineEnding = resynced.lineEnding
        document.form.noFinalNewline = resynced.noFinalNewline
        document.form.byteOrderMark = resynced.byteOrderMark
        document.form.encoding = resynced.encoding
        document.isOpen = true
        documents[resynced.document] = document
    }

    private mutating func take(_ opened: DocumentOpened) throws(ModelError) {
        var document = DocumentModel(number: opened.document)
        document.path = [UInt8](opened.path)
        document.language = opened.language
        document.form.lineEnding = opened.lineEnding
        document.form.noFinalNewline = opened.noFinalNewline
        document.form.byteOrderMark = opened.byteOrderMark
        document.form.encoding = opened.encoding
        document.isOpen = true
        document.changed = time
        // First the document, then its text: should pieces be missing, the document is there and marked.
        documents[opened.document] = document
        document.text = Document(try bytes(of: opened.text))
        if opened.existed { document.disk = .text(document.text, since: diskTime) }
        documents[opened.document] = document
    }

    private mutating func take(_ edit: Edit) throws(ModelError) {
        let inserted = edit.hasLongInserted ? try bytes(of: edit.longInserted) : [UInt8](edit.inserted)
        let (origin, time) = (edit.origin, time)
        try change(edit.document) { document throws(ModelError) in
            guard document.unreliable == nil, !document.isPrivate else { return }
            let (offset, removed) = (Int(clamping: edit.offset), Int(clamping: edit.removed))
            try document.text.replace(offset: offset, removed: removed, with: inserted)
            document.changed = time
            document.moveSelections(offset: offset, removed: removed, inserted: inserted.count, by: origin)
        }
        if origin.isHuman { work(in: .document(edit.document)) }
    }

    /// The person did something there.
    mutating func work(in target: Focus.OneOf_Target) {
        focus = target
        lastHuman = time
    }
}

extension Origin {
    /// Whether a person's own hand made the edit.
    var isHuman: Bool {
        switch self {
        case .typed, .paste, .undo, .redo: true
        case .external, .tool, .revealed, .UNRECOGNIZED: false
        }
    }
}

extension DocumentModel {
    /// Makes it a private file: nothing of its content stays.
    mutating func hide() {
        text = Document()
        disk = .unknown
        selections = []
        isPrivate = true
        isOpen = true
    }

    /// - Throws: `ModelError(.hash)` if the source gave a hash and the text has another.
    func check(_ hash: Data) throws(ModelError) {
        guard !hash.isEmpty, !isPrivate, unreliable == nil else { return }
        guard ContentHash(bytes: hash) == text.hash else {
            throw ModelError(.hash, "the text is not the one its source had")
        }
    }

    /// One's own edit leaves the cursor behind it; any other moves along with the text what lies behind it.
    mutating func moveSelections(offset: Int, removed: Int, inserted: Int, by origin: Origin) {
        if origin.isHuman, selections.count < 2 {
            setCursor(offset + inserted)
            return
        }
        let (start, end) = (UInt64(clamping: offset), UInt64(clamping: offset + removed))
        let length = UInt64(clamping: inserted)
        func moved(_ position: UInt64) -> UInt64 {
            if position < start { return position }
            return position >= end ? position &- end &+ start &+ length : start &+ length
        }
        for index in selections.indices {
            selections[index].anchor = moved(selections[index].anchor)
            selections[index].head = moved(selections[index].head)
        }
    }

    mutating func setCursor(_ offset: Int) {
        var cursor = Selection()
        cursor.anchor = UInt64(clamping: offset)
        cursor.head = cursor.anchor
        selections = [cursor]
    }
}
