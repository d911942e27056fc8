import Archive
import EventSchema
import Foundation
import TestSupport
import Testing

@Suite struct ImportScriptTests {
    @Test func openPairGivesItsOutput() throws {
        let typescript = try ImportInput(openData: "open/terminal/telnet-asciimation-8.typescript.gz")
        let timing = try ImportInput(openData: "open/terminal/telnet-asciimation-8.timing.gz")
        let session = try #require(try Importer.read([timing, typescript]).first)
        #expect(try session.output() == typescript.bytes)
        let seconds = String(decoding: timing.bytes, as: UTF8.self).split(separator: "\n")
            .reduce(0.0) { $0 + (Double($1.split(separator: " ")[0]) ?? 0) }
        let end = try #require(try session.checkedEvents()[1].last).time
        #expect(((end - session.started).seconds - seconds).magnitude < 0.001)
        #expect(session.title == "telnet-asciimation-8")
    }

    /// What the installed script(1) writes.
    @Test(arguments: ["classic", "advanced"]) func realRecording(form: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "script-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/script")
        process.currentDirectoryURL = folder
        process.arguments = [
            "-q", "-c", "printf 'héllo\\n'; exit 3", "--log-out", "log", "--log-timing", "times", "--logging-format",
            form,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let inputs = try ["log", "times"].map {
            try ImportInput(name: $0, bytes: Array(Data(contentsOf: folder.appending(path: $0))))
        }
        let session = try #require(try Importer.read(inputs).first)
        #expect(try session.output() == Array("héllo\r\n".utf8))
        #expect((RecordTime.epoch + .seconds(Date().timeIntervalSince1970)) - session.started < .seconds(600))
        let exits = try session.checkedEvents()[1].filter {
            if case .terminalExited = $0.event.body { true } else { false }
        }
        #expect(exits.map { EventJSON.body(of: $0.event)["status"] } == [3])
    }

    @Test func advancedForm() throws {
        let typescript = try ImportInput(
            "Script started on 2021-03-01 11:22:33+01:00 [TERM=\"xterm\" TTY=\"/dev/pts/0\" COLUMNS=\"90\" LINES=\"30\"]\n"
                + "hello\r\nls\n\nScript done on 2021-03-01 11:22:40+01:00 [COMMAND_EXIT_CODE=\"2\"]\n",
            name: "typescript")
        let timing = try ImportInput(
            """
            H 0.000000 START_TIME 2021-03-01 11:22:33+01:00
            H 0.000000 OUTPUT_LOG log
            H 0.000000 INPUT_LOG log
            H 0.000000 COMMAND bash -l
            O 0.1 7
            S 1.5 SIGWINCH ROWS=24 COLS=80
            I 8.2e-05 3
            """, name: "timing")
        let session = try #require(try Importer.read([typescript, timing]).first)
        #expect(session.started.rfc3339 == "2021-03-01T10:22:33Z")
        let lines = try session.checkedEvents()[1].map {
            "\(($0.time - session.started).text) \(EventJSON.body(of: $0.event).encoded)"
        }
        #expect(
            lines.dropFirst() == [
                #"0s {"kind":"terminal_opened","terminal":1,"columns":90,"rows":30,"term":"xterm","command":["bash -l"]}"#,
                #"0.1s {"kind":"terminal_output","terminal":1,"data":"hello\r\n"}"#,
                #"1.6s {"kind":"terminal_resized","terminal":1,"columns":80,"rows":24}"#,
                #"1.600082s {"kind":"terminal_input","terminal":1,"data":"ls\n"}"#,
                #"1.600082s {"kind":"terminal_exited","terminal":1,"status":2}"#,
                #"1.600082s {"kind":"source_closed","reason":"imported"}"#,
            ])
        #expect(session.warnings.isEmpty)
    }

    @Test func leftoversAreToldOf() throws {
        let long = try ImportInput("Script started on Mon 1 Mar 2021\nabcdef", name: "typescript")
        let timing = try ImportInput("0.5 2\n0.5 2\n", name: "timing")
        let session = try #require(try Importer.read([long, timing]).first)
        #expect(try session.output() == Array("abcd".utf8))
        #expect(session.warnings.contains { $0.contains("2 bytes") })
        let short = try ImportInput("abc", name: "log")
        #expect(try Importer.read([short, timing])[0].warnings.contains { $0.contains("ends 1 bytes before") })
    }

    @Test(arguments: [
        "0.5 2\nx\n", "0.5 2\n-1 2\n", "0.5 2\n0.5 -2\n", "0.5 2\nnan 2", "0.5 2\n1e300 2",
        "0.5 2\n0.5 99999999999999999999",
        "0.5 2\nO 0.5", "3e9 0\n3e9 0",
    ])
    func saysInWhichLineItIsWrong(timing: String) throws {
        let inputs = try [ImportInput("abc", name: "x.typescript"), ImportInput(timing, name: "timing")]
        #expect { try Importer.read(inputs) } throws: { error in
            (error as? ImportError)?.file == "timing" && (error as? ImportError)?.line == 2
        }
    }

    @Test func findsTheFormats() throws {
        let files = try [
            (ImportFormat.script, "open/terminal/telnet-asciimation-8.typescript.gz"),
            (.script, "open/terminal/telnet-asciimation-8.timing.gz"), (.asciicast, "open/terminal/colors.v2.cast.gz"),
            (.editingTrace, "open/editing/clownschool.json.gz"), (nil, "open/terminal/avt-mixed-fish.raw.gz"),
            (nil, "open/multifile/storyteller-mergeExampleAT.json.gz"),
        ].map { ($0, try ImportInput(openData: $1)) }
        for (format, input) in files { #expect(ImportFormat.detect(name: input.name, bytes: input.bytes) == format) }
        #expect(ImportFormat.detect(name: "x", bytes: Array("{\n \"version\": 1, \"stdout\": []}".utf8)) == .asciicast)
        #expect(ImportFormat.detect(name: "x", bytes: []) == nil)
    }

    @Test func halvesAreRefused() throws {
        #expect(throws: ImportError.self) { try Importer.read([ImportInput("0.5 2\n", name: "timing")]) }
        #expect(throws: ImportError.self) { try Importer.read([ImportInput("abc", name: "typescript")]) }
        #expect(throws: ImportError.self) { try Importer.read([ImportInput("just text", name: "notes.txt")]) }
    }

    @Test func damagedGzipIsRefused() throws {
        let packed = Array(try Data(contentsOf: OpenData.url("open/terminal/telnet-asciimation-8.timing.gz")))
        let whole = try ImportInput(name: "t", bytes: packed)
        #expect(throws: ImportError.self) { try ImportInput(name: "t", bytes: Array(packed.dropLast())) }
        #expect(throws: ImportError.self) { try ImportInput(name: "t", bytes: packed, limit: 1000) }
        for place in stride(from: 20, to: packed.count, by: 37) {
            var damaged = packed
            damaged[place] ^= 0x55
            #expect(throws: ImportError.self) { try ImportInput(name: "t", bytes: damaged) }
        }
        // Two members are one file.
        #expect(try ImportInput(name: "t", bytes: packed + packed).bytes == whole.bytes + whole.bytes)
    }
}
