import EventSchema
import Foundation
import TestSupport
import Testing

@Suite struct EventJSONTests {
    /// JSON text and back, as another program would hand it over.
    private func throughText(_ json: JSONValue) throws -> JSONValue { try JSONReader.read(json.encoded.utf8) }

    @Test func batchesComeBack() throws {
        var random = RandomEvents(seed: 21)
        for _ in 0..<400 {
            let batch = random.batch()
            let json = BatchJSON.encode(batch)
            let decoded = try BatchJSON.decode(throughText(json))
            #expect(decoded.encoded == batch.encoded)
            #expect(BatchJSON.encode(decoded) == json)
        }
    }

    @Test func unknownFieldsComeBack() throws {
        var random = RandomEvents(seed: 22)
        for _ in 0..<100 {
            let batch = try random.batch().withUnknownFields()
            #expect(try BatchJSON.decode(throughText(BatchJSON.encode(batch))).batch == batch.batch)
        }
    }

    @Test func everyKindComesBackWithItsPlace() throws {
        var random = RandomEvents(seed: 23)
        let session = SessionID(random.values.identifier())
        for kind in 0..<RandomEvents.kinds {
            for _ in 0..<30 {
                let timed = TimedEvent(
                    time: random.values.time(),
                    address: EventAddress(
                        source: SourceID(random.values.identifier()), seq: 1 + random.values.count64() / 2,
                        index: random.values.below(99)),
                    event: random.event(kind: kind))
                let json = EventJSON.encode(timed, session: session, user: "alice")
                #expect(try EventJSON.decode(throughText(json)) == timed)
                #expect(json["session"]?.string == session.description)
                #expect(json["user"]?.string == "alice")
                let names = (json.members ?? []).map(\.key)
                #expect(Set(names).count == names.count, "two members of one name in \(json.encoded)")
            }
        }
    }

    /// Every field number that `events.proto` gives a body is on the wire of some random event, and so has been
    /// through JSON above.
    @Test func randomEventsHaveEveryField() throws {
        let proto = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/EventSchema/events.proto")
        let text = try String(contentsOf: proto, encoding: .utf8).replacing(/\/\/.*/, with: "")
        func fields(of message: String) -> Set<Int> {
            let parts = text.components(separatedBy: "message \(message) {")
            guard parts.count == 2, let body = parts[1].split(separator: "}", maxSplits: 1).first else { return [-1] }
            return Set(body.matches(of: /= ([0-9]+);/).compactMap { Int($0.output.1) })
        }
        var random = RandomEvents(seed: 24)
        var seen: [String: Set<Int>] = [:]
        for kind in 0..<RandomEvents.kinds {
            for _ in 0..<80 {
                guard let body = random.event(kind: kind).body else { continue }
                let name = String(describing: Mirror(reflecting: body).children.first?.label ?? "")
                seen[name.prefix(1).uppercased() + name.dropFirst(), default: []].formUnion(
                    try Event(body).wireFieldsOfBody())
            }
        }
        #expect(seen.count == RandomEvents.kinds)
        #expect(fields(of: "Event").count == RandomEvents.kinds + 2)
        for (name, numbers) in seen { #expect(numbers == fields(of: name), "fields of \(name)") }
    }

    @Test func everyFieldIsDocumented() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/JSON.md")
        let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
        var random = RandomEvents(seed: 26)
        for kind in 0..<RandomEvents.kinds {
            for _ in 0..<40 {
                let json = EventJSON.body(of: random.event(kind: kind))
                let name = try #require(json["kind"]?.string)
                let row = try #require(rows.first { $0.hasPrefix("| `\(name)` |") }, "no row for \(name)")
                for (field, _) in json.members ?? [] where field != "kind" && field != "original_time" {
                    #expect(row.contains("`\(field)`"), "no \(field) in the row of \(name)")
                }
            }
        }
    }

    @Test func looksAsDocumented() throws {
        var edit = Edit()
        edit.document = 1
        edit.offset = 1 << 60
        edit.inserted = Data("é".utf8)
        edit.origin = .paste
        #expect(
            EventJSON.body(of: Event(.edit(edit))).encoded
                == #"{"kind":"edit","document":1,"offset":"1152921504606846976","inserted":"é","origin":"paste"}"#)
        var output = TerminalOutput()
        output.data = Data([0xFF, 0x00])
        #expect(
            EventJSON.body(of: Event(.terminalOutput(output))).encoded
                == #"{"kind":"terminal_output","data":{"b64":"/wA="}}"#)
        var finished = CommandFinished()
        finished.durationUs = 1_500_000
        finished.status = 0
        #expect(
            EventJSON.body(of: Event(.commandFinished(finished))).encoded
                == #"{"kind":"command_finished","status":0,"duration":"1.5s"}"#)
        var opened = DocumentOpened()
        opened.text = ContentPieces.make(Data("x\n".utf8)).content
        opened.lineEnding = .crlf
        #expect(
            EventJSON.body(of: Event(.documentOpened(opened))).encoded
                == #"{"kind":"document_opened","line_ending":"crlf","text":"x\n"}"#)
    }

    @Test(arguments: [
        (#"{}"#, "kind"), (#"{"kind":"nonsense"}"#, "kind"), (#"{"kind":"edit","offset":-1}"#, "offset"),
        (#"{"kind":"edit","document":4294967296}"#, "document"), (#"{"kind":"edit","inserted":7}"#, "inserted"),
        (#"{"kind":"edit","inserted":{"b64":"!"}}"#, "inserted"), (#"{"kind":"edit","origin":"magic"}"#, "origin"),
        (#"{"kind":"selections","selections":[{"head":1},{"head":"x"}]}"#, "selections[1].head"),
        (#"{"kind":"edit","unknown_fields":{"b64":"CAE="}}"#, "unknown_fields"),
        (#"{"kind":"edit","original_time":"yesterday"}"#, "original_time"),
        (#"{"kind":"unknown","unknown":{"b64":"UgA="}}"#, "unknown"),
    ])
    func saysWhichFieldIsWrong(json: String, place: String) throws {
        let value = try JSONReader.read(json.utf8)
        #expect { try EventJSON.event(from: value) } throws: { ($0 as? SchemaError)?.place == place }
    }

    @Test func damagedJSONIsAnErrorOrABatch() throws {
        var random = RandomEvents(seed: 25)
        for _ in 0..<40 {
            let text = Array(BatchJSON.encode(random.batch(most: 4)).encoded.utf8)
            for _ in 0..<40 {
                var damaged = text
                damaged[random.values.below(text.count)] = UInt8.random(in: 0...127, using: &random.values.generator)
                guard let json = try? JSONReader.read(damaged), let batch = try? BatchJSON.decode(json) else {
                    continue
                }
                #expect(try BatchCodec.decode(batch.encoded) == batch)
            }
        }
    }
}
