import EventSchema
import Foundation
import Model
import TestSupport
import Testing

/// Feeds a source events one second apart.
struct Driver {
    var model: SourceModel
    var issues: [ModelIssue] = []
    private var next: UInt64 = 1

    init(lanes: SourceModel.Lanes = .all, source: UInt64 = 1) {
        model = SourceModel(source: SourceID(Identifier(high: 0, low: source)), lanes: lanes)
    }

    mutating func play(_ bodies: Event.OneOf_Body..., at second: Int64? = nil) {
        for body in bodies {
            let time = RecordTime(milliseconds: (second ?? Int64(next)) * 1000)
            let address = EventAddress(source: model.source, seq: next, index: 0)
            if let issue = model.apply(TimedEvent(time: time, address: address, event: Event(body))) {
                issues.append(issue)
            }
            next += 1
        }
    }

    func text(_ document: UInt32 = 1) -> String {
        String(decoding: model.documents[document]?.text.bytes ?? [], as: UTF8.self)
    }
}

enum Bodies {
    static func opened(_ text: String, document: UInt32 = 1, path: String = "/w/a.txt", existed: Bool = true)
        -> Event.OneOf_Body
    {
        var opened = DocumentOpened()
        opened.document = document
        opened.path = Data(path.utf8)
        opened.text.inline = Data(text.utf8)
        opened.existed = existed
        return .documentOpened(opened)
    }

    static func edit(_ offset: UInt64, _ removed: UInt64, _ text: String, document: UInt32 = 1, origin: Origin = .typed)
        -> Event.OneOf_Body
    {
        var edit = Edit()
        edit.document = document
        edit.offset = offset
        edit.removed = removed
        edit.inserted = Data(text.utf8)
        edit.origin = origin
        return .edit(edit)
    }

    static func saved(_ text: String? = nil, document: UInt32 = 1) -> Event.OneOf_Body {
        var saved = DocumentSaved()
        saved.document = document
        if let text { saved.hash = Data(ContentHash(of: text.utf8).bytes) }
        return .documentSaved(saved)
    }

    static func closed(document: UInt32 = 1) -> Event.OneOf_Body {
        var closed = DocumentClosed()
        closed.document = document
        return .documentClosed(closed)
    }

    static func resynced(_ content: Content, document: UInt32 = 1) -> Event.OneOf_Body {
        var resynced = DocumentResynced()
        resynced.document = document
        resynced.text = content
        return .documentResynced(resynced)
    }

    static func command(_ number: UInt32, terminal: UInt32, text: String) -> Event.OneOf_Body {
        var command = CommandStarted()
        command.command = number
        command.terminal = terminal
        command.text = Data(text.utf8)
        return .commandStarted(command)
    }
}

@Suite struct SourceModelTests {
    @Test func editsAndSavesAreKeptApart() {
        var driver = Driver()
        driver.play(
            Bodies.opened("hello\n"), Bodies.edit(5, 0, " you"), Bodies.saved("hello you\n"), Bodies.edit(0, 5, "HELLO")
        )
        #expect(driver.issues.isEmpty)
        #expect(driver.text() == "HELLO you\n")
        #expect(driver.model.documents[1]?.isUnsaved == true)
        #expect(driver.model.documents[1]?.cursor == 5)
        #expect(
            driver.model.documents[1]?.disk
                == .text(Document(Array("hello you\n".utf8)), since: RecordTime(milliseconds: 3000)))
        driver.play(Bodies.edit(0, 5, "hello"))
        #expect(driver.model.documents[1]?.isUnsaved == false)
    }

    @Test func anEditThatDoesNotFitMarksTheDocumentUntilItsResync() {
        var driver = Driver()
        driver.play(Bodies.opened("abc"), Bodies.edit(9, 0, "x"), Bodies.edit(0, 0, "y"), Bodies.edit(.max, .max, "y"))
        #expect(driver.issues.map(\.document) == [1])
        #expect(driver.issues.first?.error.code == .range)
        #expect(driver.text() == "abc")
        #expect(driver.model.documents[1]?.unreliable != nil)
        var whole = Content()
        whole.inline = Data("abcd".utf8)
        driver.play(Bodies.resynced(whole), Bodies.edit(4, 0, "e"))
        #expect(driver.text() == "abcde")
        #expect(driver.model.documents[1]?.unreliable == nil)
        #expect(driver.issues.count == 1)
    }

    @Test func whatWasNeverOpenedIsToldAndChangesNothing() {
        var driver = Driver()
        driver.play(Bodies.edit(0, 0, "x"), Bodies.saved(), Bodies.closed(document: 7))
        var output = TerminalOutput()
        output.terminal = 3
        driver.play(.terminalOutput(output))
        #expect(driver.issues.map(\.error.code) == [.unknown, .unknown, .unknown, .unknown])
        #expect(driver.model.documents.isEmpty && driver.model.terminals.isEmpty)
    }

    @Test func aHashThatDiffersIsToldOnlyWhereHashesAreChecked() {
        for (lanes, count) in [(SourceModel.Lanes.all, 1), (.keyframe, 0)] {
            var driver = Driver(lanes: lanes)
            driver.play(Bodies.opened("abc"), Bodies.saved("abd"))
            #expect(driver.issues.count == count)
        }
    }

    @Test func longTextsComeFromTheirPieces() {
        let long = String(repeating: "0123456789", count: 9_000)
        let (pieces, content) = ContentPieces.make(Data(long.utf8))
        var edit = Edit()
        edit.document = 1
        edit.offset = 1
        edit.longInserted = content
        var driver = Driver()
        driver.play(Bodies.opened("[]"))
        for piece in pieces { if let body = piece.body { driver.play(body) } }
        driver.play(.edit(edit))
        #expect(driver.text() == "[\(long)]")
        #expect(driver.issues.isEmpty)
        driver.play(.edit(edit))
        #expect(driver.issues.map(\.error.code) == [.content])
    }

    @Test func focusFollowsWhatAPersonDoes() {
        var driver = Driver()
        driver.play(Bodies.opened("abc"), Bodies.opened("", document: 2, path: "/w/b"), Bodies.edit(0, 0, "x"))
        #expect(driver.model.focus == .document(1))
        driver.play(Bodies.edit(0, 0, "x", document: 2, origin: .tool))
        #expect(driver.model.focus == .document(1))
        driver.play(Bodies.command(1, terminal: 4, text: "make"))
        #expect(driver.model.focus == .terminal(4))
        #expect(driver.model.terminals[4]?.running?.command.text == Data("make".utf8))
        var finished = CommandFinished()
        finished.command = 1
        driver.play(.commandFinished(finished))
        #expect(driver.model.terminals[4]?.running == nil)
        #expect(driver.model.terminals[4]?.commands == 1)
        var focus = Focus()
        focus.away = true
        driver.play(.focus(focus))
        #expect(driver.model.focus == .away(true))
    }

    @Test func cursorsMoveWithTheTextOthersChange() {
        var driver = Driver()
        var (first, second) = (Selection(), Selection())
        (first.anchor, first.head) = (2, 4)
        (second.anchor, second.head) = (8, 8)
        var selections = Selections()
        selections.document = 1
        selections.selections = [first, second]
        driver.play(Bodies.opened("0123456789"), .selections(selections), Bodies.edit(3, 2, "abc", origin: .external))
        let moved = driver.model.documents[1]?.selections.map { [$0.anchor, $0.head] }
        #expect(moved == [[2, 6], [9, 9]])
    }

    @Test func privateFilesHoldNoText() {
        var driver = Driver()
        var hidden = DocumentPrivate()
        hidden.document = 1
        driver.play(Bodies.opened("TOKEN=1"), .documentPrivate(hidden), Bodies.edit(0, 0, "x"))
        #expect(driver.text().isEmpty)
        #expect(driver.model.documents[1]?.disk == .unknown)
        #expect(driver.issues.isEmpty)
    }
}
