import Archive
import EventSchema
import Foundation
import TestSupport
import Testing

@Suite struct ImportEditingTraceTests {
    /// Applies the events with a plain splice, and gives the text and how many edits there were.
    private func apply(_ events: [TimedEvent]) throws -> (text: [UInt8], edits: Int) {
        var text: [UInt8] = []
        var edits = 0
        var contents = ContentAssembler()
        for timed in events {
            switch timed.event.body {
            case .piece(let piece): try contents.add(piece)
            case .documentOpened(let opened): text = Array(try contents.take(opened.text))
            case .edit(let edit):
                let inserted = edit.hasLongInserted ? try contents.take(edit.longInserted) : edit.inserted
                text.replaceSubrange(Int(edit.offset)..<Int(edit.offset + edit.removed), with: inserted)
                edits += 1
            default: break
            }
        }
        return (text, edits)
    }

    private func end(of name: String) throws -> [UInt8] {
        let json =
            try JSONSerialization.jsonObject(with: OpenData.bytes("open/editing/\(name).json.gz")) as? [String: Any]
        return Array((json?["endContent"] as? String ?? "").utf8)
    }

    @Test(arguments: [
        ("sveltecomponent", 19_749), ("rustcode", 40_173), ("json-crdt-blog-post", 21_447),
        ("clownschool_flat", 23_182),
        ("clownschool", 23_200),
    ])
    func openTracesGiveTheirEnd(name: String, patches: Int) throws {
        let session = try #require(try Importer.read([ImportInput(openData: "open/editing/\(name).json.gz")]).first)
        let events = try session.checkedEvents()
        let (text, edits) = try apply(events[1])
        #expect(try text == end(of: name))
        #expect(edits <= patches && edits > patches - 100)
        #expect(session.title == name)
        // The clocks' jumps are repaired: none of these spans fifty years.
        #expect(session.started > EffectiveTime.earliest)
        let span = try #require(events[1].last).time - session.started
        #expect(span < .seconds(120 * 86_400))
        let again = try #require(try Importer.read([ImportInput(openData: "open/editing/\(name).json.gz")]).first)
        #expect(again.id == session.id)
        #expect(try again.checkedEvents() == events)
    }

    @Test func keepsTheStampsItRepairs() throws {
        let trace = """
            {"startContent":"aé","endContent":"aéb🙂c","txns":[
            {"time":"1970-01-01T00:00:00Z","patches":[[2,0,"b"]]},
            {"time":"2024-01-01T00:01:00Z","patches":[[3,0,"🙂"]]},
            {"time":"2024-01-01T00:00:30Z","patches":[[4,0,"cc"]]},
            {"time":"2023-12-31T23:00:00Z","patches":[[5,1,""]]}]}
            """
        let session = try #require(try Importer.read([ImportInput(trace)]).first)
        let events = try session.checkedEvents()[1].filter { if case .edit = $0.event.body { true } else { false } }
        #expect(Set(events.map(\.time.rfc3339)) == ["2024-01-01T00:01:00Z"])
        #expect(
            events.map { $0.event.hasOriginalUs ? RecordTime(microseconds: $0.event.originalUs).rfc3339 : "" } == [
                "1970-01-01T00:00:00Z", "", "2024-01-01T00:00:30Z", "2023-12-31T23:00:00Z",
            ])
        #expect(try apply(session.checkedEvents()[1]).text == Array("aéb🙂c".utf8))
        #expect(session.warnings.count == 1)
    }

    /// Two people type on the same text without knowing of each other, and a third merges.
    @Test func concurrentTyping() throws {
        let trace = """
            {"kind":"concurrent","startContent":"one two three","endContent":"1! TWO threexy?","txns":[
            {"parents":[],"agent":0,"patches":[[13,0,"x"]]},
            {"parents":[],"agent":1,"patches":[[0,3,"1"],[1,0,"!"]]},
            {"parents":[0],"agent":0,"patches":[[4,3,"TWO"]]},
            {"parents":[1],"agent":1,"patches":[[3,3,""],[9,0,"y"],[2,0,""]]},
            {"parents":[2,3],"agent":2,"patches":[[14,0,"?"]]}]}
            """
        let session = try #require(try Importer.read([ImportInput(trace)]).first)
        #expect(try String(decoding: apply(session.checkedEvents()[1]).text, as: UTF8.self) == "1! TWO threexy?")
    }

    @Test func longTextGoesAsPieces() throws {
        let long = String(repeating: "é line\n", count: 20_000)
        let json: JSONValue = [
            "startContent": .string(long),
            "txns": [["patches": [[0, 0, .string(long)], [140_000, 140_000, ""]]]],
        ]
        let session = try #require(try Importer.read([ImportInput(json.encoded)]).first)
        #expect(try apply(session.checkedEvents()[1]).text == Array(long.utf8))
        #expect(session.warnings == ["the trace has no times: one transaction each 0.1s from 2000-01-01"])
    }

    @Test(arguments: [
        ("{\"txns\":[\n{\"patches\":[[0,0,\"a\"]]},\n{\"patches\":[[2,0,\"b\"]]}]}", 3),
        ("{\"txns\":[\n{\"patches\":[[0,1,\"\"]]}]}", 2), ("{\"txns\":[\n{\"patches\":[\n[0,0]]}]}", 3),
        ("{\"txns\":[],\n\"endContent\":\"x\"}", 2), ("{\"txns\":[],\n\n\"startContent\":7}", 3),
        ("{\"txns\":[{\"time\":\"noon\",\"patches\":[]}]}", 1), ("{\"txns\":[\n\n", 3), ("{\"txns\":7}", 1),
        ("{\"txns\":[{\"patches\":[[9223372036854775807,9223372036854775807,\"\"]]}]}", 1),
        (
            """
            {"kind":"concurrent","txns":[{"parents":[],"patches":[[0,0,"a"]]},{"parents":[0],"patches":[[1,0,"b"]]},
            {"parents":[0],"patches":[[2,0,"c"]]}]}
            """, 2
        ),
        ("{\"kind\":\"concurrent\",\n\"txns\":[{\"parents\":[0],\"patches\":[]}]}", 2),
    ])
    func saysInWhichLineItIsWrong(text: String, line: Int) throws {
        let input = try ImportInput(text, name: "t.json")
        #expect { try Importer.read([input]) } throws: { error in
            let error = error as? ImportError
            return error?.file == "t.json" && error?.line == line && error?.reason.isEmpty == false
        }
    }

    @Test(arguments: ["json-crdt-blog-post", "clownschool"])
    func mutationsAreErrorsOrSessions(name: String) throws {
        var values = RandomValues(seed: 71)
        let whole = try JSONReader.read(OpenData.bytes("open/editing/\(name).json.gz"))
        let some: JSONValue = [
            "kind": whole["kind"] ?? "sequential", "txns": .array(Array((whole["txns"]?.array ?? []).prefix(40))),
        ]
        let text = Array(some.encoded.utf8)
        #expect(try Importer.read([ImportInput(name: "t.json", bytes: text)]).count == 1)
        for _ in 0..<400 {
            var mutated = text
            for _ in 0...values.below(3) {
                let place = values.below(mutated.count)
                let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(mutated[place])
                mutated[place] =
                    isDigit && values.flag()
                    ? UInt8(ascii: "0") + UInt8(values.below(10)) : UInt8.random(in: 0...255, using: &values.generator)
            }
            if values.chance(10) { mutated.removeLast(values.below(mutated.count)) }
            let input = try ImportInput(name: "t.json", bytes: mutated)
            guard let sessions = try? Importer.read([input]) else { continue }
            for session in sessions { #expect(throws: Never.self) { try session.checkedEvents() } }
        }
    }
}
