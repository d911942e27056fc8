import Archive
import EventSchema
import Foundation
import TestSupport
import Testing

@Suite struct ImportAsciicastTests {
    static let valid = [
        "1/full.json", "1/minimal.json", "1/screenshot.json", "1/single-event.json", "2/blank-lines.cast",
        "2/empty-theme.cast",
        "2/full.cast", "2/int-time.cast", "2/minimal.cast", "2/no-events.cast", "2/single-event.cast",
        "2/zero-time.cast",
        "3/blank-lines-and-comments.cast", "3/empty-theme.cast", "3/full.cast", "3/int-time.cast", "3/minimal.cast",
        "3/no-events.cast", "3/single-event.cast",
    ]
    static let broken: [(String, Int)] = [
        ("1/invalid-data.json", 8), ("1/invalid-time-1.json", 8), ("1/invalid-time-2.json", 8), ("1/invalid.json", 1),
        ("1/wrong-event-length.json", 8), ("2/broken.cast", 3), ("2/invalid-code.cast", 3), ("2/invalid-data.cast", 3),
        ("2/invalid-resize.cast", 3), ("2/invalid-theme.cast", 1), ("2/invalid-time-1.cast", 3),
        ("2/invalid-time-2.cast", 3),
        ("2/wrong-event-length.cast", 3), ("3/broken.cast", 3), ("3/invalid-code.cast", 3), ("3/invalid-data.cast", 3),
        ("3/invalid-resize.cast", 3), ("3/invalid-time-1.cast", 3), ("3/invalid-time-2.cast", 3),
        ("3/wrong-event-length.cast", 3),
    ]

    /// The fixtures, unpacked; a tar archive is 512-byte blocks of headers and files.
    private func fixtures() throws -> [String: [UInt8]] {
        let input = try ImportInput(openData: "open/terminal/asciicast-fixtures-v1v2v3.tar.gz")
        var files: [String: [UInt8]] = [:]
        var rest = input.bytes[...]
        while rest.count >= 512, rest.first != 0 {
            let header = Array(rest.prefix(512))
            func field(_ range: Range<Int>) -> String {
                String(decoding: header[range].prefix { $0 != 0 }, as: UTF8.self)
            }
            let size = Int(field(124..<136).filter(\.isNumber), radix: 8) ?? 0
            let name = field(0..<100).components(separatedBy: "fixtures/").last ?? ""
            if header[156] == UInt8(ascii: "0") { files[name] = Array(rest.dropFirst(512).prefix(size)) }
            rest = rest.dropFirst(512 + (size + 511) / 512 * 512)
        }
        return files
    }

    @Test func everyFixtureIsListed() throws {
        let names = try fixtures().keys.filter { $0.hasPrefix("1/") || $0.hasPrefix("2/") || $0.hasPrefix("3/") }
        #expect(names.sorted() == (Self.valid + Self.broken.map(\.0)).sorted())
        #expect(names.count == 39)
    }

    @Test(arguments: valid) func importsValid(name: String) throws {
        let input = try ImportInput(name: name, bytes: #require(fixtures()[name]))
        let session = try #require(try Importer.read([input]).first)
        let text = try String(decoding: session.output(), as: UTF8.self)
        switch name {
        case _ where name.contains("no-events"): #expect(text == "")
        case _ where name.contains("single-event"), _ where name.contains("zero-time"),
            _ where name.contains("empty-theme"):
            #expect(text == "foo bar")
        case _ where name.contains("int-time"): #expect(text == "foo barbaz qux")
        case "1/screenshot.json": #expect(text == "foo \u{1B}[41mbar\u{1B}[32m\u{E0B0}baz quxżółć jaźń")
        case "3/blank-lines-and-comments.cast": #expect(text == "foo barbaz quxżółć jaźńbye!")
        default: #expect(text == "foo barbaz quxżółć jaźń")
        }
    }

    @Test(arguments: broken) func refusesBroken(name: String, line: Int) throws {
        let input = try ImportInput(name: name, bytes: #require(fixtures()[name]))
        #expect { try Importer.read([input]) } throws: { error in
            let error = error as? ImportError
            return error?.file == name && error?.line == line && error?.reason.isEmpty == false
        }
    }

    @Test func takesEverythingOfAFullOne() throws {
        let input = try ImportInput(name: "full.cast", bytes: #require(fixtures()["3/full.cast"]))
        let session = try #require(try Importer.read([input]).first)
        #expect(session.title == "bashing :)")
        #expect(session.started.rfc3339 == "2025-04-10T16:20:22Z")
        let events = try session.checkedEvents()
        let lines = events.map {
            $0.map { "\(($0.time - session.started).text) \(EventJSON.body(of: $0.event).encoded)" }
        }
        #expect(
            lines[0] == [
                #"0s {"kind":"source_opened","source_kind":"session","program":"import","source_user":"alice"}"#,
                #"0s {"kind":"session_opened","title":"bashing :)","session_user":"alice","reach":"local","idle_limit":"2.5s"}"#,
                #"0s {"kind":"environment_captured","variables":[{"name":"TERM","value":"xterm-ghostty"},{"name":"SHELL","value":"/usr/bin/fish"}],"why":"start"}"#,
                #"10.370343s {"kind":"session_closed","reason":"imported"}"#,
                #"10.370343s {"kind":"source_closed","reason":"imported"}"#,
            ])
        #expect(
            lines[1] == [
                #"0s {"kind":"source_opened","source_kind":"terminal","program":"asciicast v3","source_user":"alice"}"#,
                #"0s {"kind":"terminal_opened","terminal":1,"columns":96,"rows":26,"term":"xterm-ghostty","command":["/bin/bash -l"],"shell":"/usr/bin/fish","title":"bashing :)"}"#,
                #"1.234567s {"kind":"terminal_output","terminal":1,"data":"foo bar"}"#,
                #"2.234567s {"kind":"terminal_input","terminal":1,"data":"\r"}"#,
                #"6.913554s {"kind":"terminal_output","terminal":1,"data":"baz qux"}"#,
                #"7.913554s {"kind":"terminal_resized","terminal":1,"columns":80,"rows":24}"#,
                #"10.370343s {"kind":"terminal_output","terminal":1,"data":"żółć jaźń"}"#,
                #"10.370343s {"kind":"source_closed","reason":"imported"}"#,
            ])
    }

    @Test func markersExitsAndUnknownCodes() throws {
        let cast = """
            {"version":3,"term":{"cols":80,"rows":24}}
            [0.5,"m","here"]
            [0.5,"z","later"]
            [0.25,"x","3"]
            """
        let session = try #require(try Importer.read([ImportInput(cast)]).first)
        let kinds = try session.checkedEvents()[1].map { EventJSON.body(of: $0.event).encoded }
        #expect(kinds.contains(#"{"kind":"marker","name":"here"}"#))
        #expect(kinds.contains(#"{"kind":"terminal_exited","terminal":1,"status":3}"#))
        #expect(try session.checkedEvents()[1].last?.time == session.started + .milliseconds(1250))
        #expect(session.warnings.contains { $0.contains("\"z\"") })
    }

    @Test(arguments: ["welcome-2025", "ipython-a", "colors", "htop-a"])
    func openCastsGiveTheirOutput(name: String) throws {
        let path = "open/terminal/\(name).v2.cast.gz"
        let lines = String(decoding: try OpenData.bytes(path), as: UTF8.self).split(separator: "\n").dropFirst()
        var output: [UInt8] = []
        var last = 0.0
        for line in lines {
            let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Any]
            if event?[1] as? String == "o" { output += (event?[2] as? String ?? "").utf8 }
            last = max(last, event?[0] as? Double ?? 0)
        }
        let session = try #require(try Importer.read([ImportInput(openData: path)]).first)
        #expect(try session.output() == output)
        let end = try #require(try session.checkedEvents()[1].last).time
        #expect(((end - session.started).seconds - last).magnitude < 0.000_01)
    }

    @Test func mutationsAreErrorsOrSessions() throws {
        var values = RandomValues(seed: 72)
        for (name, bytes) in try fixtures().sorted(by: { $0.key < $1.key }) where Self.valid.contains(name) {
            for _ in 0..<100 {
                var mutated = bytes
                for _ in 0...values.below(3) {
                    mutated[values.below(mutated.count)] = UInt8.random(in: 0...255, using: &values.generator)
                }
                if values.chance(10) { mutated.removeLast(values.below(mutated.count)) }
                let input = try ImportInput(name: name, bytes: mutated)
                guard let sessions = try? Importer.read([input]) else { continue }
                for session in sessions { #expect(throws: Never.self) { try session.checkedEvents() } }
            }
        }
    }
}
