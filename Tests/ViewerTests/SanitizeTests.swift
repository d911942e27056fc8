import Testing
import Viewer

@Suite struct SanitizeTests {
    @Test func nothingReachesTheTerminalAsACommand() {
        let hostile = "a\u{1B}[31mb\u{7}\u{9B}2J\u{202E}c\u{0}\td\n"
        #expect(Sanitize.line(hostile) == "a^[[31mb^G\u{FFFD}2J\u{FFFD}c^@   d^J")
        #expect(Sanitize.line([0xFF, 0x61] as [UInt8]) == "\u{FFFD}a")
        #expect(Sanitize.line("naïve 日本 👩‍👩‍👧") == "naïve 日本 👩‍👩‍👧")
    }

    @Test func textOfATerminal() {
        var text = TerminalText()
        #expect(text.feed(Array("\u{1B}]0;title\u{7}\u{1B}[1mred\u{1B}[0m\r\n 10%\r100%\r\n".utf8)) == ["red", "100%"])
        #expect(text.feed(Array("\u{1B}[?1049hfull screen\r\n\u{1B}[?1049lab\u{8}c".utf8)) == [])
        #expect(text.finish() == "ac")
        #expect(text.finish() == nil)
        #expect(text.feed(Array("h\u{E9}\u{8}\u{8}Jx\r\n".utf8)) == ["Jx"])
    }

    @Test func portionsGiveTheSameLines() {
        let bytes = Array("one\u{1B}[38;5;1mtwo\u{1B}]8;;http://x\u{1B}\\link\u{1B}(B\r\nthree\u{1B}[K\r\n".utf8)
        var whole = TerminalText()
        let lines = whole.feed(bytes)
        for size in 1...7 {
            var parts = TerminalText()
            var found: [String] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                found += parts.feed(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(found == lines)
        }
        #expect(lines == ["onetwolink", "three"])
    }
}
