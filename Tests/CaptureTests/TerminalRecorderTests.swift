import Capture
import EventSchema
import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct TerminalRecorderTests {
    @Test func everyByteIsKept() async throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: 7)
        // Any byte but those the terminal itself changes; escape sequences of all kinds by chance.
        let bytes = (0..<1_000_000).map { _ -> UInt8 in
            let byte = UInt8.random(in: 0...255, using: &random)
            return byte == 0x0a ? 0x1b : byte
        }
        let file = directory.path + "/bytes"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        let (sink, status) = try await Recording.line("cat \(file)") { $0.outputLimit = nil }
        #expect(status == .exited(0))
        #expect(sink.output == bytes)
        let sizes = sink.bodies.map { if case .terminalOutput(let event) = $0 { event.data.count } else { 0 } }
        #expect(sizes.allSatisfy { $0 <= BatchCodec.largestEvent })
    }

    @Test func theTailOfAFastEndIsKept() async throws {
        for _ in 0..<20 {
            let (sink, _) = try await Recording.line("head -c 20000 /dev/zero | tr '\\0' x; printf end")
            #expect(sink.output.count == 20003)
            #expect(sink.outputText.hasSuffix("end"))
        }
    }

    @Test func longOutputIsCutInTheMiddle() async throws {
        let (sink, _) = try await Recording.line("seq 1 100000") {
            $0.outputLimit = .init(first: 10_000, last: 5_000)
        }
        #expect(sink.output.count == 15_000)
        #expect(sink.outputText.hasSuffix("99999\r\n100000\r\n"))
        let gaps = sink.bodies.compactMap { if case .gap(let gap) = $0 { gap } else { nil } }
        #expect(gaps.map(\.reason) == [.outputLimit])
        let total = (1...100_000).map { String($0).count + 2 }.reduce(0, +)
        #expect(gaps.first?.bytes == UInt64(total - 15_000))
        #expect(gaps.first?.screen.size ?? 0 > 0)
    }

    @Test func theCommandItselfIsACommand() async throws {
        let (sink, status) = try await Recording.line("echo $PLAYHEAD_NONCE | wc -c; exit 7")
        #expect(status == .exited(7))
        #expect(sink.outputText == "33\r\n")
        #expect(sink.commands.map(\.text) == ["echo $PLAYHEAD_NONCE | wc -c; exit 7"])
        #expect(sink.commands.first?.status == 7)
        guard case .terminalOpened(let opened)? = sink.bodies.first else {
            Issue.record("not opened")
            return
        }
        #expect((opened.columns, opened.rows) == (80, 24))
        guard case .terminalExited(let exited)? = sink.bodies.last else {
            Issue.record("not ended")
            return
        }
        #expect(exited.status == 7)
    }

    @Test func aKilledProgramTellsItsSignal() async throws {
        let (sink, status) = try await Recording.line("printf before; kill -KILL $$")
        #expect(status == .signalled(SIGKILL))
        #expect(sink.outputText == "before")
        #expect(sink.commands.first?.status == 137)
    }

    @Test func aBackgroundProgramDoesNotHoldTheEnd() async throws {
        let (sink, status) = try await Recording.line("(trap '' HUP; sleep 30) & echo done")
        #expect(status == .exited(0))
        #expect(sink.outputText == "done\r\n")
    }

    @Test func aTerminalInsideIsRefused() async throws {
        var options = RecorderOptions(Launch(["/bin/true"]))
        options.launch.environment[RecorderOptions.terminalVariable] = String(getpid())
        #expect {
            try TerminalRecorder(options, sink: CollectingSink(), clock: Recording.clock)
        } throws: { ($0 as? TerminalError)?.code == .nested }
        let (sink, _) = try await Recording.line("echo $PLAYHEAD_TERMINAL")
        #expect(sink.outputText == "\(getpid())\r\n")
    }

    @Test func secretsAreMaskedAndFailuresTold() async throws {
        let (sink, _) = try await Recording.line("MY_TOKEN=abc; echo ghp_$MY_TOKEN")
        #expect(sink.outputText == "ghp_***\r\n")
        #expect(sink.commands.first?.text == "MY_TOKEN=***; echo ghp_$MY_TOKEN")
        var options = RecorderOptions(Launch(["/no/such/program"]))
        options.headless = true
        options.input = nil
        let recorder = try TerminalRecorder(options, sink: CollectingSink(), clock: Recording.clock)
        #expect { try recorder.run() } throws: { ($0 as? TerminalError)?.underlying?.code == .noSuchFile }
    }

    @Test func stopHangsUp() async throws {
        var options = RecorderOptions(Launch(["/bin/sh", "-c", "trap '' HUP TERM; echo ready; sleep 60 & wait"]))
        options.headless = true
        options.input = nil
        options.output = nil
        let recorder = try TerminalRecorder(options, sink: CollectingSink(), clock: Recording.clock)
        recorder.stop()
        let status = try await Recording.onThread { try recorder.run() }
        #expect(status == .signalled(SIGKILL) || status == .signalled(SIGHUP))
    }
}
