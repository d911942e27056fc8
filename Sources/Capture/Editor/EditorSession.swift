import EventSchema
import Foundation
import SwiftProtobuf

/// What one editor does, as events: the messages of its plugin go in, events and replies come out.
///
/// It keeps its own copy of every recorded document, proves it against the editor's hashes, and asks for the text
/// anew where they differ. It knows no files, clocks or sockets.
public struct EditorSession: Sendable {
    /// Decides for an absolute path; asked when a document is opened or renamed, and by `reconsider`.
    public typealias Place = (_ path: [UInt8]) -> EditorPlacement

    private let masking: any TextMasking
    private var documents: [UInt32: EditorDocumentState] = [:]
    private var actions: [EditorAction] = []
    /// The session and document that had the focus last.
    private var focused: (session: Int, document: UInt32)?
    /// Files outside every recorded workspace, by the sessions that were told of them.
    private var toldOutside: [Int: Set<UInt32>] = [:]

    public private(set) var hello: EditorHello?
    public private(set) var saidBye = false
    /// How often a copy was found wrong.
    public private(set) var resyncs = 0

    public init(masking: any TextMasking) { self.masking = masking }

    /// Takes one message that happened at `time`.
    public mutating func take(_ message: EditorMessage, at time: RecordTime, place: Place) -> [EditorAction] {
        let time = time.wholeMilliseconds
        switch message {
        case .hello(let hello): self.hello = hello
        case .bye: saidBye = true
        case .open(let document): open(document, place: place, at: time)
        case .text(let number, let bytes): takeText(number, bytes, at: time)
        case .resync(let number, let bytes): resync(number, bytes, why: documents[number]?.why ?? "", at: time)
        case .edit(let edit): self.edit(edit, at: time)
        case .cursor(let cursor): select(cursor, at: time)
        case .focus(let number): focus(number, at: time)
        case .away:
            if let focused { record(focused.session, .focus(.with { $0.away = true }), at: time) }
        case .save(let number, let hash, let form): save(number, hash: hash, form: form, at: time)
        case .check(let number, let hash): _ = isProven(number, by: hash, when: "check")
        case .rename(let number, let path): rename(number, to: path, place: place, at: time)
        case .close(let number, let hash): close(number, hash: hash, at: time)
        case .command(let number, let name): command(number, name, at: time)
        }
        return taken()
    }

    /// Asks again where each document belongs: a recording began, ended, or its ignore rules changed.
    public mutating func reconsider(at time: RecordTime, place: Place) -> [EditorAction] {
        for (number, state) in documents.sorted(by: { $0.key < $1.key }) {
            move(number, to: place(state.document.path), at: time.wholeMilliseconds)
        }
        return taken()
    }

    /// Gives the whole text of every document of a session again: events of it were dropped on their way, or whoever gets
    /// it from now on has not heard what came before.
    public mutating func repeatTexts(to session: Int, at time: RecordTime) -> [EditorAction] {
        for (number, state) in documents.sorted(by: { $0.key < $1.key }) {
            guard state.placement == .record(session), let text = state.text else { continue }
            resync(number, text.raw, why: "what came before may not be known", at: time.wholeMilliseconds)
        }
        if let focused, focused.session == session, focused.document != 0 {
            record(session, .focus(.with { $0.document = focused.document }), at: time.wholeMilliseconds)
        }
        return taken()
    }

    private mutating func taken() -> [EditorAction] {
        defer { actions.removeAll() }
        return actions
    }

    private mutating func record(_ session: Int, _ body: Event.OneOf_Body, at time: RecordTime) {
        actions.append(.record(session: session, body: body, time: time))
    }

    private mutating func content(_ bytes: [UInt8], to session: Int, at time: RecordTime) -> Content {
        let (pieces, content) = ContentPieces.make(Data(bytes))
        for piece in pieces { if let body = piece.body { record(session, body, at: time) } }
        return content
    }

    private mutating func reply(_ order: String, _ number: UInt32) {
        actions.append(.reply(["do": .string(order), "doc": .integer(Int64(number))]))
    }

    private mutating func report(_ text: String) { actions.append(.report(text)) }

    // MARK: documents

    private mutating func open(_ document: EditorDocument, place: Place, at time: RecordTime) {
        let state = EditorDocumentState(document, placement: place(document.path))
        documents[document.number] = state
        answer(state, at: time)
    }

    private mutating func answer(_ state: EditorDocumentState, at time: RecordTime) {
        let number = state.document.number
        switch state.placement {
        case .record: reply("record", number)
        case .none: reply("none", number)
        case .hidden(let session, let why):
            reply("private", number)
            record(session, .documentPrivate(.with { ($0.document, $0.why) = (number, why) }), at: time)
        }
    }

    private mutating func takeText(_ number: UInt32, _ bytes: [UInt8], at time: RecordTime) {
        guard var state = documents[number], case .record(let session) = state.placement else {
            return report("the text of document \(number), which is not recorded, was dropped")
        }
        guard state.text == nil else { return resync(number, bytes, why: "the editor gave the text again", at: time) }
        let text = MaskedText(bytes, masking: masking)
        state.text = text
        let owedFocus = state.owedFocus
        state.owedFocus = nil
        documents[number] = state
        tellOpened(state.document, text, to: session, at: time)
        if owedFocus != nil { focus(number, at: time) }
    }

    private mutating func tellOpened(
        _ document: EditorDocument, _ text: MaskedText, to session: Int, at time: RecordTime
    ) {
        var opened = DocumentOpened()
        opened.document = document.number
        opened.path = Data(document.path)
        opened.language = document.language
        opened.lineEnding = document.form.lineEnding
        opened.noFinalNewline = !document.form.endsInLineEnd
        opened.byteOrderMark = document.form.byteOrderMark
        opened.encoding = document.encoding
        opened.existed = document.existed
        opened.hash = Data(ContentHash(of: text.masked).bytes)
        opened.text = content(text.masked, to: session, at: time)
        record(session, .documentOpened(opened), at: time)
    }

    private mutating func rename(_ number: UInt32, to path: [UInt8], place: Place, at time: RecordTime) {
        guard let state = documents[number] else { return report("document \(number) was renamed, but never opened") }
        guard path != state.document.path else { return }
        documents[number]?.document.path = path
        let placement = place(path)
        if placement == state.placement, case .record(let session) = placement, state.text != nil {
            record(session, .documentRenamed(.with { ($0.document, $0.path) = (number, Data(path)) }), at: time)
        } else {
            move(number, to: placement, at: time)
        }
    }

    /// The document goes on elsewhere: in another session, private, or nowhere.
    private mutating func move(_ number: UInt32, to placement: EditorPlacement, at time: RecordTime) {
        guard var state = documents[number], state.placement != placement else { return }
        if case .record(let session) = state.placement, let text = state.text {
            tellClosed(number, text, to: session, at: time)
        }
        state.placement = placement
        state.text = nil
        (state.awaitsResync, state.owedSave) = (false, nil)
        if focused?.document == number {
            state.owedFocus = time
            focused = nil
        }
        documents[number] = state
        answer(state, at: time)
    }

    private mutating func tellClosed(_ number: UInt32, _ text: MaskedText, to session: Int, at time: RecordTime) {
        let hash = Data(ContentHash(of: text.masked).bytes)
        record(session, .documentClosed(.with { ($0.document, $0.hash) = (number, hash) }), at: time)
    }

    private mutating func close(_ number: UInt32, hash: ContentHash?, at time: RecordTime) {
        guard let state = documents[number] else { return }
        if case .record(let session) = state.placement, let text = state.text {
            if let hash, hash != ContentHash(of: text.raw) {
                report("document \(number) was closed with another text than known: its last changes are missing")
                record(session, .gap(.with { $0.reason = .dropped }), at: time)
            }
            tellClosed(number, text, to: session, at: time)
        } else if case .hidden(let session, _) = state.placement {
            record(session, .documentClosed(.with { $0.document = number }), at: time)
        }
        documents[number] = nil
        for session in toldOutside.keys { toldOutside[session]?.remove(number) }
        if focused?.document == number { focused = focused.map { ($0.session, 0) } }
    }

    // MARK: changes and proofs

    private mutating func edit(_ edit: EditorEdit, at time: RecordTime) {
        guard var state = documents[edit.document] else {
            return report("an edit of document \(edit.document), which was never opened, was dropped")
        }
        // Without a text its recording has just ended or not begun: the editor does not know yet.
        guard case .record(let session) = state.placement, var text = state.text else { return }
        state.text = nil  // or the copy below would be one
        documents[edit.document] = state
        let changes = text.apply(offset: edit.offset, removed: edit.removed, inserted: edit.inserted)
        documents[edit.document]?.text = text
        guard let changes else { return askAgain(edit.document, why: "an edit beyond the end of the text") }
        for change in changes {
            var body = Edit()
            body.document = edit.document
            body.offset = UInt64(change.offset)
            body.removed = UInt64(change.removed)
            body.origin = change.isCorrection ? .revealed : edit.origin
            if change.inserted.count > ContentPieces.inlineLimit {
                body.longInserted = content(change.inserted, to: session, at: time)
            } else {
                body.inserted = Data(change.inserted)
            }
            record(session, .edit(body), at: time)
        }
    }

    /// Whether the copy is the editor's text; asks for the text if not. Without a hash there is no doubt.
    private mutating func isProven(_ number: UInt32, by hash: ContentHash?, when: String) -> Bool {
        guard let hash, let state = documents[number], let text = state.text, !state.awaitsResync else { return true }
        guard hash != ContentHash(of: text.raw) else { return true }
        askAgain(number, why: "the text differed at a \(when)")
        return false
    }

    private mutating func askAgain(_ number: UInt32, why: String) {
        guard documents[number]?.awaitsResync == false else { return }
        resyncs += 1
        documents[number]?.awaitsResync = true
        documents[number]?.why = why
        report("document \(number): \(why); asked for it anew")
        reply("resync", number)
    }

    private mutating func resync(_ number: UInt32, _ bytes: [UInt8], why: String, at time: RecordTime) {
        guard var state = documents[number], case .record(let session) = state.placement, state.text != nil else {
            return takeText(number, bytes, at: time)
        }
        let text = MaskedText(bytes, masking: masking)
        let owed = state.owedSave
        state.text = text
        (state.awaitsResync, state.owedSave, state.why) = (false, nil, "")
        documents[number] = state
        var resynced = DocumentResynced()
        resynced.document = number
        resynced.why = why.isEmpty ? "the editor gave the text again" : why
        resynced.hash = Data(ContentHash(of: text.masked).bytes)
        resynced.text = content(text.masked, to: session, at: time)
        resynced.path = Data(state.document.path)
        resynced.language = state.document.language
        resynced.lineEnding = state.document.form.lineEnding
        resynced.noFinalNewline = !state.document.form.endsInLineEnd
        resynced.byteOrderMark = state.document.form.byteOrderMark
        resynced.encoding = state.document.encoding
        record(session, .documentResynced(resynced), at: time)
        if let owed, owed.hash == ContentHash(of: bytes) { tellSaved(number, text, to: session, at: time) }
    }

    private mutating func save(_ number: UInt32, hash: ContentHash?, form: EditorFileForm?, at time: RecordTime) {
        guard let state = documents[number], case .record(let session) = state.placement, let text = state.text else {
            return
        }
        guard isProven(number, by: hash, when: "save"), !state.awaitsResync else {
            documents[number]?.owedSave = hash.map { ($0, time) }
            return
        }
        if let form, form != state.document.form {  // the file has another form now: as if opened anew
            documents[number]?.document.form = form
            documents[number]?.document.existed = true
            if let document = documents[number]?.document { tellOpened(document, text, to: session, at: time) }
        }
        tellSaved(number, text, to: session, at: time)
    }

    private mutating func tellSaved(_ number: UInt32, _ text: MaskedText, to session: Int, at time: RecordTime) {
        var saved = DocumentSaved()
        saved.document = number
        saved.hash = Data(ContentHash(of: text.masked).bytes)
        saved.size = UInt64(text.masked.count)
        record(session, .documentSaved(saved), at: time)
    }

    // MARK: where the person is

    private mutating func select(_ cursor: EditorCursor, at time: RecordTime) {
        guard let state = documents[cursor.document], case .record(let session) = state.placement, let text = state.text
        else { return }
        var body = Selections()
        body.document = cursor.document
        body.selections = cursor.selections.map { span in
            Selection.with {
                $0.anchor = UInt64(min(span.anchor, text.raw.count))
                $0.head = UInt64(min(span.head, text.raw.count))
            }
        }
        if let line = cursor.firstLine { body.firstLine = line }
        if let line = cursor.lastLine { body.lastLine = line }
        record(session, .selections(body), at: time)
    }

    private mutating func focus(_ number: UInt32, at time: RecordTime) {
        guard let state = documents[number] else { return }
        let session: Int
        switch state.placement {
        case .record(let place):
            guard state.text != nil else {
                documents[number]?.owedFocus = time
                return
            }
            session = place
        case .hidden(let place, _): session = place
        case .none:  // to the session that was looked at, it is a private file
            guard let focused else { return }
            session = focused.session
            if toldOutside[session, default: []].insert(number).inserted {
                let why = "outside the recorded workspaces"
                record(session, .documentPrivate(.with { ($0.document, $0.why) = (number, why) }), at: time)
            }
        }
        if let focused, focused.session != session {
            record(focused.session, .focus(.with { $0.away = true }), at: time)
        }
        focused = (session, number)
        record(session, .focus(.with { $0.document = number }), at: time)
    }

    private mutating func command(_ number: UInt32, _ name: String, at time: RecordTime) {
        guard case .record(let session) = documents[number]?.placement else { return }
        let cut = String(name.prefix(200))
        record(session, .editorCommand(.with { ($0.name, $0.document) = (cut, number) }), at: time)
    }
}
