import EventSchema
import Foundation
import Model
import Testing

@Suite struct WorkspaceStateTests {
    private func text(_ state: WorkspaceState, _ path: String, savedOnly: Bool = false) -> String? {
        guard case .bytes(let bytes) = state.files(savedOnly: savedOnly)[Array(path.utf8)]?.content else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func theNewestOfBufferAndDiskCounts() {
        var (a, b) = (Driver(source: 1), Driver(source: 2))
        a.play(Bodies.opened("disk"), at: 1)
        a.play(Bodies.edit(4, 0, " and buffer"), at: 2)
        #expect(text(WorkspaceState([a.model]), "/w/a.txt") == "disk and buffer")
        #expect(text(WorkspaceState([a.model]), "/w/a.txt", savedOnly: true) == "disk")
        b.play(Bodies.opened("elsewhere"), at: 3)
        b.play(Bodies.edit(0, 9, "saved"), Bodies.saved(), at: 4)
        #expect(text(WorkspaceState([a.model, b.model]), "/w/a.txt") == "saved")
        a.play(Bodies.edit(0, 0, "> "), at: 5)
        #expect(text(WorkspaceState([a.model, b.model]), "/w/a.txt") == "> disk and buffer")
        #expect(text(WorkspaceState([a.model, b.model]), "/w/a.txt", savedOnly: true) == "saved")
        let late = WorkspaceState([.init(a.model), .init(b.model, offset: .seconds(60))])
        #expect(text(late, "/w/a.txt") == "saved")
    }

    @Test func closedAndDeletedFiles() {
        var driver = Driver()
        driver.play(Bodies.opened("disk"), Bodies.edit(0, 0, "x"), Bodies.closed())
        #expect(text(WorkspaceState([driver.model]), "/w/a.txt") == "disk")
        driver.play(
            Bodies.opened("", document: 2, path: "/w/new", existed: false),
            Bodies.edit(0, 0, "never saved", document: 2))
        driver.play(Bodies.closed(document: 2))
        #expect(text(WorkspaceState([driver.model]), "/w/new") == "never saved")
        #expect(text(WorkspaceState([driver.model]), "/w/new", savedOnly: true) == nil)
        var deleted = DocumentDeleted()
        deleted.document = 1
        driver.play(.documentDeleted(deleted))
        #expect(WorkspaceState([driver.model]).files()[Array("/w/a.txt".utf8)] == nil)
    }

    @Test func textsBecomeTheBytesOfTheirFiles() {
        func form(_ ending: LineEnding, noFinalNewline: Bool = false, mark: Bool = false) -> DocumentModel.Form {
            var form = DocumentModel.Form()
            (form.lineEnding, form.noFinalNewline, form.byteOrderMark) = (ending, noFinalNewline, mark)
            return form
        }
        let text = Array("a\nb\n".utf8)
        #expect(form(.lf).diskBytes(of: text) == text)
        #expect(form(.crlf).diskBytes(of: text) == Array("a\r\nb\r\n".utf8))
        #expect(form(.cr).diskBytes(of: text) == Array("a\rb\r".utf8))
        #expect(form(.crlf, noFinalNewline: true).diskBytes(of: text) == Array("a\r\nb".utf8))
        #expect(form(.lf, mark: true).diskBytes(of: text) == [0xEF, 0xBB, 0xBF] + text)
        #expect(form(.unspecified).diskBytes(of: Array("a\r\nb".utf8)) == Array("a\r\nb".utf8))
        #expect(form(.lf, noFinalNewline: true).diskBytes(of: []) == [])
    }

    @Test func privateFilesAreListedWithoutContent() {
        var driver = Driver()
        var hidden = DocumentPrivate()
        hidden.document = 1
        driver.play(Bodies.opened("SECRET"), .documentPrivate(hidden))
        for savedOnly in [true, false] {
            let file = WorkspaceState([driver.model]).files(savedOnly: savedOnly)[Array("/w/a.txt".utf8)]
            #expect(file?.content == .hidden)
        }
    }

    @Test func focusIsWhereTheNewestHumanEventWas() {
        var (a, b) = (Driver(source: 1), Driver(source: 2))
        a.play(Bodies.opened("one\ntwo"), Bodies.edit(5, 0, "x"), at: 1)
        b.play(Bodies.command(1, terminal: 7, text: "ls"), at: 2)
        #expect(WorkspaceState([a.model, b.model]).focus?.target == .terminal(7))
        a.play(Bodies.edit(6, 0, "y"), at: 3)
        let state = WorkspaceState([b.model, a.model])
        #expect(state.focus?.target == .document(1))
        #expect(state.focus?.source == a.model.source)
        #expect(state.cursors.map { [$0.offset, $0.line, $0.column] } == [[7, 1, 3]])
    }
}
