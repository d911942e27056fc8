import Capture
import EventSchema
import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct EditorSessionTests {
    private let time = RecordTime(milliseconds: 1_700_000_000_000)

    private func hash(_ text: String) -> ContentHash { ContentHash(of: Array(text.utf8)) }

    private func run(_ lines: [String], place: EditorSession.Place = { _ in .record(0) }) throws -> [EditorAction] {
        var session = EditorSession(masking: SecretText())
        return try lines.flatMap { session.take(try EditorLine.read($0.utf8).message, at: time, place: place) }
    }

    private func bodies(_ actions: [EditorAction], session wanted: Int = 0) -> [Event.OneOf_Body] {
        actions.compactMap { if case .record(wanted, let body, _) = $0 { body } else { nil } }
    }

    private func replies(_ actions: [EditorAction]) -> [String] {
        actions.compactMap { if case .reply(let value) = $0 { value.encoded } else { nil } }
    }

    @Test("open, type, save, close")
    func ordinary() throws {
        let actions = try run([
            #"{"ev":"hello","editor":"nvim","version":"0.7.2","pid":1,"cwd":"/w","clock":"monotonic","mono":1}"#,
            #"{"ev":"open","doc":1,"path":"/w/a.py","filetype":"python","fileformat":"dos","eol":false,"exists":true}"#,
            #"{"ev":"focus","doc":1}"#, #"{"ev":"text","doc":1,"text":"a\n"}"#,
            #"{"ev":"edit","doc":1,"off":1,"del":0,"text":{"b64":"/w=="},"origin":"paste"}"#,
            #"{"ev":"edit","doc":1,"off":1,"del":1,"text":"é","origin":"undo"}"#,
            #"{"ev":"cursor","doc":1,"sel":[[3,900]],"first":0,"last":9}"#,
            #"{"ev":"save","doc":1,"sha256":"\#(hash("aé\n"))","fileformat":"dos","eol":true}"#,
            #"{"ev":"close","doc":1,"sha256":"\#(hash("aé\n"))"}"#, #"{"ev":"bye"}"#,
        ])
        #expect(replies(actions) == [#"{"do":"record","doc":1}"#])
        let bodies = bodies(actions)
        guard case .documentOpened(let opened) = bodies.first else {
            Issue.record("no document opened")
            return
        }
        #expect(opened.lineEnding == .crlf && opened.noFinalNewline && opened.language == "python" && opened.existed)
        var mirror = EditorMirror()
        for body in bodies { try mirror.apply(body) }
        #expect(mirror.texts[1] == Array("aé\n".utf8))
        #expect(mirror.forms[1]?.noFinalNewline == false, "the save gave the file a line end")
        var focus = Focus()
        focus.document = 1
        #expect(bodies.contains(.focus(focus)))
        let selections = bodies.compactMap { if case .selections(let value) = $0 { value } else { nil } }
        #expect(selections.first?.selections.first?.head == 4, "held at the end of the text")
    }

    @Test("a copy that is wrong is asked for anew, and the save told after it")
    func resync() throws {
        let open = #"{"ev":"open","doc":7,"path":"/w/a"}"#
        let actions = try run([
            open, #"{"ev":"text","doc":7,"text":"a\n"}"#, #"{"ev":"save","doc":7,"sha256":"\#(hash("b\n"))"}"#,
            #"{"ev":"check","doc":7,"sha256":"\#(hash("b\n"))"}"#, #"{"ev":"resync","doc":7,"text":"b\n"}"#,
        ])
        #expect(replies(actions) == [#"{"do":"record","doc":7}"#, #"{"do":"resync","doc":7}"#])
        let kinds = bodies(actions).map { String("\($0)".prefix { $0 != "(" }) }
        #expect(kinds == ["documentOpened", "documentResynced", "documentSaved"])
        let beyond = try run([
            open, #"{"ev":"text","doc":7,"text":"a\n"}"#, #"{"ev":"edit","doc":7,"off":3,"del":1,"text":""}"#,
        ])
        #expect(replies(beyond).last == #"{"do":"resync","doc":7}"#)
    }

    @Test("a private file leaves no text and no path; one outside only that it was there")
    func hidden() throws {
        let actions = try run(
            [
                #"{"ev":"open","doc":1,"path":"/w/.env"}"#, #"{"ev":"focus","doc":1}"#,
                #"{"ev":"text","doc":1,"text":"S3CRET"}"#,
                #"{"ev":"edit","doc":1,"off":0,"del":0,"text":"S3CRET"}"#,
                #"{"ev":"open","doc":2,"path":"/elsewhere/S3CRET"}"#,
                #"{"ev":"focus","doc":2}"#, #"{"ev":"close","doc":2}"#, #"{"ev":"close","doc":1}"#,
            ], place: { $0.starts(with: Array("/w/".utf8)) ? .hidden(0, why: "built-in rule .env") : .none })
        #expect(replies(actions) == [#"{"do":"private","doc":1}"#, #"{"do":"none","doc":2}"#])
        let text = bodies(actions).map { "\($0)" }.joined()
        #expect(!text.contains("S3CRET") && !text.contains("/.env"))
        #expect(bodies(actions).filter { if case .documentPrivate = $0 { true } else { false } }.count == 2)
    }

    @Test("a recording that begins later takes the open files; files of two workspaces go to two sessions")
    func sessions() throws {
        var session = EditorSession(masking: NoMasking())
        let place: EditorSession.Place = { $0.starts(with: Array("/a/".utf8)) ? .record(0) : .record(1) }
        let open = EditorMessage.open(EditorDocument(number: 1, path: Array("/a/x".utf8)))
        #expect(replies(session.take(open, at: time) { _ in .none }) == [#"{"do":"none","doc":1}"#])
        #expect(replies(session.reconsider(at: time, place: place)) == [#"{"do":"record","doc":1}"#])
        #expect(session.reconsider(at: time, place: place).isEmpty)
        var actions = session.take(.text(document: 1, [65]), at: time, place: place)
        actions += session.take(.focus(document: 1), at: time, place: place)
        actions += session.take(.open(EditorDocument(number: 2, path: Array("/b/y".utf8))), at: time, place: place)
        actions += session.take(.text(document: 2, [66]), at: time, place: place)
        actions += session.take(.focus(document: 2), at: time, place: place)
        var away = Focus()
        away.away = true
        #expect(bodies(actions).last == .focus(away))
        var second = Focus()
        second.document = 2
        #expect(bodies(actions, session: 1).last == .focus(second))
        actions = session.take(.rename(document: 2, path: Array("/b/z".utf8)), at: time, place: place)
        var renamed = DocumentRenamed()
        renamed.document = 2
        renamed.path = Data("/b/z".utf8)
        #expect(bodies(actions, session: 1) == [.documentRenamed(renamed)])
        actions = session.take(.rename(document: 2, path: Array("/a/z".utf8)), at: time, place: place)
        #expect(replies(actions) == [#"{"do":"record","doc":2}"#])
    }

    @Test("long text goes as pieces")
    func pieces() throws {
        var session = EditorSession(masking: NoMasking())
        let long = [UInt8](repeating: 0x61, count: 100_000)
        var actions = session.take(.open(EditorDocument(number: 1, path: Array("/a".utf8))), at: time) { _ in .record(0)
        }
        actions += session.take(.text(document: 1, long), at: time) { _ in .record(0) }
        actions += session.take(.edit(EditorEdit(document: 1, offset: 5, removed: 1, inserted: long)), at: time) { _ in
            .record(0)
        }
        var mirror = EditorMirror()
        for body in bodies(actions) {
            #expect(try Event(body).serializedData().count < 33 * 1024)
            try mirror.apply(body)
        }
        #expect(mirror.texts[1]?.count == 199_999)
    }

    @Test("lines of any bytes give a message or a reason, never a trap; the messages, too")
    func fuzz() throws {
        var generator = SeededGenerator.make("editor lines")
        let seeds = [
            #"{"ev":"open","doc":1,"path":"/w/a.py","eol":true}"#, #"{"ev":"text","doc":1,"text":"aé\n"}"#,
            #"{"ev":"edit","doc":1,"off":1,"del":0,"text":"x","mono":1.5}"#,
            #"{"ev":"cursor","doc":1,"sel":[[1,2],[3,4]]}"#,
            #"{"ev":"edit","doc":1,"off":9223372036854775807,"del":1e300,"text":{"b64":"!!"}}"#,
            #"{"ev":"save","doc":1,"sha256":"00"}"#, #"{"ev":"close","doc":1}"#, #"{"ev":"focus","doc":4294967296}"#,
        ].map { Array($0.utf8) }
        var session = EditorSession(masking: SecretText())
        var refused = 0
        for _ in 0..<5000 {
            var line = seeds.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 0...3, using: &generator) where !line.isEmpty {
                let index = Int.random(in: 0..<line.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: line[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: line.remove(at: index)
                default: line.insert(UInt8.random(in: 0x20...0x7E, using: &generator), at: index)
                }
            }
            do {
                let read = try EditorLine.read(line)
                _ = session.take(read.message, at: time) { _ in .record(0) }
            } catch {
                refused += 1
                #expect(!error.message.isEmpty && !error.place.isEmpty)
            }
        }
        #expect(refused > 0)
    }
}
