import Capture
import EventSchema
import Glibc
import Model
import Testing

/// A person's own terminal around the recorded one. One at a time: a resize is a signal to the whole process.
@Suite(.serialized) struct PersonAtTerminalTests {
    private func record(
        _ line: String, capturesInput: Bool = false, _ act: @escaping @Sendable (Person) throws -> Void
    ) async throws -> (sink: CollectingSink, person: Person, status: ProcessStatus) {
        let person = try Person(size: WindowSize(columns: 90, rows: 30))
        let home = try TemporaryDirectory()
        let launch = ShellLaunch.line(line, shell: "/bin/bash", environment: Recording.environment(home: home.path))
        var options = RecorderOptions(launch.launch)
        options.command = launch.command
        options.capturesInput = capturesInput
        options.input = person.side
        options.output = person.side
        let sink = CollectingSink()
        let recorder = try TerminalRecorder(options, sink: sink, clock: Recording.clock)
        async let status = Recording.onThread { try recorder.run() }
        try await Recording.onThread { try act(person) }
        return (sink, person, try await status)
    }

    @Test func passwordsAreNotRecorded() async throws {
        let line = """
            read -p name: a; read -s -p pass: b; echo; stty -echo; printf again:; read c; stty echo
            printf 'got %s.' $a$b$c; read -p more: d
            """
        let (sink, person, _) = try await record(line, capturesInput: true) { person in
            try person.await("name:")
            try person.type("ada\r")
            try person.await("pass:")
            try person.type("sesame\r")
            try person.await("again:")
            try person.type("open\r")
            try person.await("more:")
            try person.type("x\r")
        }
        #expect(sink.typed == "ada\rx\r")
        #expect(person.screen.contains("got adasesameopen."))
    }

    @Test func sizesFollow() async throws {
        let (sink, _, _) = try await record("stty size; read a; stty size; read b") { person in
            try person.await("30 90")
            try WindowSize(columns: 100, rows: 40).apply(to: person.terminal.master)
            kill(getpid(), SIGWINCH)
            // The signal is on its way to the recorder's thread; the key comes after it in the same wait.
            try person.type("\r")
            try person.await("40 100")
            try person.type("\r")
        }
        let sizes = sink.bodies.compactMap { if case .terminalResized(let event) = $0 { event } else { nil } }
        #expect(sizes.map(\.columns) == [100])
        #expect(sizes.map(\.rows) == [40])
        #expect(sink.outputText.contains("40 100"))
    }

    @Test func aPauseWithholds() async throws {
        let line = "echo seen; read a; echo withheld words; read b; echo after; read c"
        let (sink, person, status) = try await record(line, capturesInput: true) { person in
            try person.await("seen")
            try person.type("\u{1c}")
            try person.await("paused")
            try person.type("1\r")
            try person.await("withheld words")
            try person.type("\u{1c}")
            try person.await("recording")
            try person.type("2\r")
            try person.await("after")
            try person.type("3\r")
        }
        #expect(status == .exited(0))
        var order: [String] = []
        var real = ""
        for body in sink.bodies {
            switch body {
            case .paused: order.append("paused")
            case .resumed: order.append("resumed")
            case .gap(let gap): order.append("gap \(gap.bytes > 15) \(gap.reason == .withheld)")
            case .terminalOutput(let event) where event.synthetic:
                order.append("redraw")
                #expect(!String(decoding: event.data, as: UTF8.self).contains("withheld"))
            case .terminalOutput(let event): real += String(decoding: event.data, as: UTF8.self)
            default: break
            }
        }
        #expect(order == ["paused", "gap true true", "resumed", "redraw"])
        #expect(real.contains("seen"))
        #expect(!real.contains("withheld"))
        #expect(real.contains("after"))
        #expect(!sink.outputText.contains("withheld"), "the redraw tells what the pause hid")
        var screen = Screen(columns: 90, rows: 30)
        screen.feed(Array(sink.outputText.utf8))
        #expect(screen.text == "seen\n\n\n2\nafter\n3", "what follows the pause is not where it was on the screen")
        #expect(sink.typed == "2\r3\r")
        #expect(!sink.outputText.contains("playhead:"))
        #expect(person.screen.contains("withheld words"))
    }

    @Test func theTerminalIsGivenBackAsItWas() async throws {
        let (_, person, status) = try await record("exit 9") { _ in }
        #expect(status == .exited(9))
        let mode = try TerminalMode(of: person.side)
        #expect(mode.echoes)
        #expect(mode.editsLines)
    }
}
