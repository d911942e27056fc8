import TestSupport
import Testing

@testable import Capture

@Suite struct ShellMarksTests {
    static let nonce = "0123456789abcdef"

    /// Output as one, marks with the number of output bytes before them.
    static func parse(_ chunks: [ArraySlice<UInt8>], flushing: Bool = false) -> (
        output: [UInt8], marks: [(Int, ShellMark)]
    ) {
        var parser = ShellMarks(nonce: nonce)
        var output: [UInt8] = []
        var marks: [(Int, ShellMark)] = []
        func take(_ segments: [ShellMarks.Segment]) {
            for segment in segments {
                switch segment {
                case .output(let bytes): output += bytes
                case .mark(let mark): marks.append((output.count, mark))
                }
            }
        }
        for chunk in chunks {
            take(parser.parse(chunk))
            if flushing { take(parser.flush()) }
        }
        take(parser.finish())
        return (output, marks)
    }

    static func parse(_ text: String) -> (output: String, marks: [ShellMark]) {
        let result = parse([Array(text.utf8)[...]])
        return (String(decoding: result.output, as: UTF8.self), result.marks.map(\.1))
    }

    @Test func ownMarksAreTakenOut() {
        let intro = "\u{1b}]633;\(Self.nonce);"
        let (output, marks) = Self.parse(
            "one\(intro)P;Cwd=/a\\x3bb\u{7}two\(intro)E;echo \\x5c \\\\ \\x0aé\u{1b}\\three"
                + "\(intro)C;box:12;zsh;ada\u{7}"
                + "\(intro)D;2;0 1 2;box:12\u{7}four")
        #expect(output == "onetwothreefour")
        #expect(
            marks.map(\.kind) == [
                .directory(Array("/a;b".utf8)), .commandText(Array("echo \\ \\ \né".utf8)),
                .commandStart(shell: ShellIdentity(host: "box", process: "12", name: "zsh", user: "ada")),
                .commandEnd(status: 2, pipeStatus: [0, 1, 2], shell: ShellIdentity(host: "box", process: "12")),
            ])
        #expect(marks.map(\.isOwn) == [true, true, true, true])
    }

    @Test func othersStayAndAreRead() {
        let text =
            "\u{1b}]133;A\u{7}$ \u{1b}]133;B\u{1b}\\ls\r\n\u{1b}]633;E;ls -l;other\u{7}"
            + "\u{1b}]133;C\u{7}x\u{1b}]133;D;1\u{7}"
        let (output, marks) = Self.parse(text)
        #expect(output == text)
        #expect(marks.count == 5)
        #expect(marks.allSatisfy { !$0.isOwn })
        #expect(marks.last?.kind == .commandEnd(status: 1, pipeStatus: [], shell: ShellIdentity()))
    }

    @Test func unfinishedAndBrokenMarksAreOutput() {
        let intro = "\u{1b}]633;\(Self.nonce);"
        for text in [
            "\(intro)E;ec", "\u{1b}", "\u{1b}]63", "\(intro)E;a\u{1b}", "\(intro)E;a\nb", "\(intro)E;a\u{1b}[mb",
        ] {
            let (output, marks) = Self.parse(text)
            #expect(output == text)
            #expect(marks.isEmpty)
        }
    }

    @Test func anyCutGivesTheSame() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let parts: [String] = [
            "\u{1b}]633;\(Self.nonce);", "\u{1b}]633;", "\u{1b}]133;", "\u{1b}", "]", "\\", "\u{7}", "A", "E;ls",
            "C;h:1;bash;u",
            "D;0;0;h:1", "P;Cwd=/tmp", "\u{1b}\\", "text", "\n", ";", "\u{18}", "é🎉", "\u{1b}[31m", "\\x3b",
            "0123456789abcde",
        ]
        for _ in 0..<3000 {
            let count = Int.random(in: 1...12, using: &random)
            let bytes = (0..<count).flatMap { _ in Array(parts.randomElement(using: &random)?.utf8 ?? "".utf8) }
            var chunks: [ArraySlice<UInt8>] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...5, using: &random))
                chunks.append(bytes[start..<end])
                start = end
            }
            let whole = Self.parse([bytes[...]])
            let cut = Self.parse(chunks)
            #expect(whole.output == cut.output, "seed \(seed), \(bytes)")
            #expect(whole.marks.map(\.0) == cut.marks.map(\.0), "seed \(seed), \(bytes)")
            #expect(whole.marks.map(\.1) == cut.marks.map(\.1), "seed \(seed), \(bytes)")
            // Letting go early may show a mark, but loses no byte and no mark of the text that stays.
            let flushed = Self.parse(chunks, flushing: true)
            #expect(flushed.output.count >= whole.output.count, "seed \(seed), \(bytes)")
        }
    }

    @Test func anEndlessMarkIsCut() {
        var parser = ShellMarks(nonce: Self.nonce)
        let intro = Array("\u{1b}]633;\(Self.nonce);E;".utf8)
        _ = parser.parse((intro + [UInt8](repeating: 0x61, count: 4 * ShellMarks.longestMark))[...])
        let segments = parser.parse([0x07, 0x62])
        guard case .mark(let mark)? = segments.first, case .commandText(let text) = mark.kind else {
            Issue.record("no mark")
            return
        }
        #expect(text.count <= ShellMarks.longestMark)
        #expect(segments.last == .output([0x62]))
    }
}
