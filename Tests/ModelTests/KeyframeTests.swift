import EventSchema
import Foundation
import Model
import TestSupport
import Testing

@Suite struct KeyframeTests {
    /// At every event of a story, the state that went through its bytes goes on as the one that did not.
    @Test func aStateThroughItsBytesGoesOnAsBefore() throws {
        let story = Self.story
        for cut in 0...story.count {
            var (straight, first) = (Driver(), Driver())
            for body in story { straight.play(body) }
            for body in story[..<cut] { first.play(body) }
            let bytes = try first.model.encodedState()
            let kept = try SourceModel(encodedState: bytes, lanes: .all)
            #expect(kept.documents == first.model.documents)
            #expect(try kept.encodedState() == bytes)
            first.model = kept
            for body in story[cut...] { first.play(body) }
            #expect(first.model.state == straight.model.state)
            #expect(first.model.documents == straight.model.documents)
        }
    }

    static var story: [Event.OneOf_Body] {
        let (pieces, content) = ContentPieces.make(Data(repeating: 65, count: 70_000))
        var terminal = TerminalOpened()
        (terminal.terminal, terminal.columns, terminal.rows) = (2, 40, 5)
        var output = TerminalOutput()
        output.terminal = 2
        output.data = Data("$ ls\r\n\u{1B}[31ma b\u{1B}[0m".utf8)
        var selections = Selections()
        selections.document = 1
        selections.firstLine = 3
        selections.lastLine = 0
        var renamed = DocumentRenamed()
        renamed.document = 1
        renamed.path = Data([0x2F, 0xFF])
        var deleted = DocumentDeleted()
        deleted.document = 1
        var hidden = DocumentPrivate()
        hidden.document = 3
        return [
            Bodies.opened("abc", existed: false), Bodies.edit(1, 1, "é"), Bodies.saved(), Bodies.edit(0, 0, "1"),
            .selections(selections), .terminalOpened(terminal), .terminalOutput(output),
            Bodies.command(1, terminal: 2, text: "ls"), .paused(Paused()),
        ] + pieces.compactMap(\.body) + [
            Bodies.resynced(content), .resumed(Resumed()), .documentRenamed(renamed), .documentDeleted(deleted),
            Bodies.opened("", document: 2, path: "/w/b"), Bodies.edit(9, 9, "", document: 2),
            Bodies.opened("x", document: 3),
            .documentPrivate(hidden), Bodies.closed(document: 2),
        ]
    }

    @Test func statesThatCannotBeReadAreErrors() throws {
        var state = Driver().model.state
        state.version = 99
        #expect(throws: ModelError.self) { try SourceModel(state: state) }
        state.version = 1
        state.source = Data([1])
        #expect(throws: ModelError.self) { try SourceModel(state: state) }
        #expect(throws: ModelError.self) { try SourceModel(encodedState: [255, 255]) }
    }
}
