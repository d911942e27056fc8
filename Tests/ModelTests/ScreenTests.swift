import Model
import Testing

/// What single sequences do. `▮` is the cursor, `|` parts rows, `⎋` is ESC.
struct ScreenTests {
    @Test(arguments: [
        ("abc", "abc▮||"),
        ("abcdef", "abcdef▮||"),
        ("abcdefg", "abcdef|g▮|"),
        ("a\r\nb\r\nc\r\nd", "b|c|d▮"),
        ("ab\nc", "ab|  c▮|"),
        ("abc\u{8}X", "abX▮||"),
        ("a⎋[3Cb", "a   b▮||"),
        ("⎋[2;3Hx⎋[Ay", "   y▮|  x|"),
        ("⎋[2dx⎋[5Gy", "|x   y▮|"),
        ("⎋[99;99Hx", "||     x▮"),
        ("abcdef⎋[1;3H⎋[K", "ab▮||"),
        ("abcdef⎋[1;3H⎋[1K", "  ▮ def||"),
        ("abcdef⎋[1;3H⎋[2P", "ab▮ef||"),
        ("abcdef⎋[1;3H⎋[2@", "ab▮  cd||"),
        ("abcdef⎋[1;3H⎋[2X", "ab▮  ef||"),
        ("a⎋[3b", "aaaa▮||"),
        ("a\r\nb\r\nc⎋[2;1H⎋[L", "a|▮|b"),
        ("a\r\nb\r\nc⎋[1;1H⎋[M", "▮b|c|"),
        ("a\r\nb\r\nc⎋[S", "b|c| ▮"),
        ("a\r\nb\r\nc⎋[T", "|a|b▮"),
        ("a\r\nb\r\nc⎋[1;2r⎋[2;1H\nd", "b|d▮|c"),
        ("a\r\nb\r\nc⎋[1;2r⎋M", "▮|a|c"),
        ("⎋[2;3r⎋[?6hx", "|x▮|"),
        ("a⎋7bc⎋8X", "aX▮c||"),
        ("⎋[4habc⎋[1GX", "X▮abc||"),
        ("⎋[?7labcdefgh", "abcde▮h||"),
        ("⎋(0lqk⎋(Bq", "┌─┐q▮||"),
        ("⎋)0\u{E}x\u{F}x", "│x▮||"),
        ("⎋#8", "▮EEEEEE|EEEEEE|EEEEEE"),
        ("⎋[3g⎋[4G⎋H\ra\tb", "a  b▮||"),
        ("ab⎋[!p⎋[2J", "  ▮||"),
        ("ab⎋cX", "X▮||"),
        ("a⎋]0;title\u{7}b", "ab▮||"),
        ("a⎋P1;2|junk⎋\\b⎋_junk⎋\\c⎋^x⎋\\d", "abcd▮||"),
        ("a⎋[31\u{18}mb", "amb▮||"),
        ("a⎋[1\n2mb", "a| b▮|"),
        ("漢字漢字", "漢字漢|字▮|"),
        ("a漢字漢", "a漢字|漢▮|"),
        ("漢字⎋[2GX", " X▮字||"),
        ("漢字⎋[2G⎋[P", " ▮字||"),
        ("e\u{301}x", "e\u{301}x▮||"),
        ("abcdee\u{301}x", "abcdee\u{301}|x▮|"),
    ])
    func sequences(input: String, picture: String) {
        #expect(Screen(6, 3, input).picture == picture)
    }

    @Test
    func `bad UTF-8 becomes one replacement for each longest beginning`() {
        var screen = Screen(columns: 20, rows: 1)
        screen.feed([0x61, 0xC3, 0x62, 0xE3, 0x81, 0x63, 0xFF, 0xED, 0xA0, 0x80, 0xF0, 0x9F, 0x98])
        screen.write("z")
        #expect(screen.text == "a\u{FFFD}b\u{FFFD}c\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}z")
    }

    @Test(arguments: [
        ("⎋[38;2;1;2;3m", ScreenStyle.Color.rgb(1, 2, 3)), ("⎋[38:2:1:2:3m", .rgb(1, 2, 3)),
        ("⎋[38:2::1:2:3m", .rgb(1, 2, 3)), ("⎋[38;5;200m", .indexed(200)), ("⎋[38:5:200m", .indexed(200)),
        ("⎋[33m", .indexed(3)), ("⎋[93m", .indexed(11)), ("⎋[31;39m", .default), ("⎋[31m⎋[m", .default),
        ("⎋[31;38;9m", .indexed(1)),
    ])
    func `foreground colours`(input: String, color: ScreenStyle.Color) {
        #expect(Screen(6, 1, input).penStyle.foreground == color)
    }

    @Test
    func `attributes are set and taken back`() {
        var screen = Screen(6, 1, "⎋[1;2;3;4:3;5;7;8;9;53;48;2;9;8;7;58:2::4:5:6m")
        var style = ScreenStyle()
        style.bold = true
        style.dim = true
        style.italic = true
        style.underline = .curly
        style.blink = true
        style.inverse = true
        style.hidden = true
        style.strike = true
        style.overline = true
        style.background = .rgb(9, 8, 7)
        style.underlineColor = .rgb(4, 5, 6)
        #expect(screen.penStyle == style)
        screen.write("⎋[22;23;24;25;27;28;29;49;55;59m")
        #expect(screen.penStyle == ScreenStyle())
    }

    @Test
    func `links, titles and the directory`() {
        var screen = Screen(20, 2, "⎋]8;id=1;https://a.b/c⎋\\li⎋[0mnk⎋]8;;⎋\\ x")
        screen.write("⎋]2;ti;tle\u{7}⎋]7;file://h/d⎋\\⎋]52;c;QQ==\u{7}")
        #expect(screen.line(0).prefix(6).map(\.style.link) == Array(repeating: "https://a.b/c", count: 4) + [nil, nil])
        #expect(screen.title == "ti;tle")
        #expect(screen.workingDirectory == "file://h/d")
        #expect(screen.text == "link x")
    }

    @Test
    func `the alternate screen leaves the primary one and its scrollback alone`() {
        var screen = Screen(6, 2, "a\r\nb\r\nc⎋[?1049h")
        #expect(screen.isAlternate)
        screen.write("⎋[H1\r\n2\r\n3\r\n4")
        #expect(screen.picture == "3|4▮")
        #expect(screen.scrollbackCount == 1)
        screen.write("⎋[?1049l")
        #expect(screen.picture == "b|c▮")
        #expect(!screen.isAlternate)
    }

    @Test
    func `modes and cursor shapes a viewer needs`() {
        let screen = Screen(6, 2, "⎋[?1;1002;1006;2004h⎋=⎋[?25l⎋[5 q⎋[?2026h")
        #expect(
            screen.modes == [
                .autowrap, .applicationCursorKeys, .mouseDrag, .mouseSGR, .bracketedPaste, .applicationKeypad,
            ])
        #expect(!screen.cursor.isVisible)
        #expect(screen.cursor.shape == .bar)
        #expect(screen.cursor.blinks)
    }

    @Test
    func `scrollback keeps the newest lines`() {
        var screen = Screen(columns: 6, rows: 2, scrollbackLimit: 3)
        for line in 0..<1_000 { screen.feed("\(line)\r\n") }
        #expect((0..<screen.scrollbackCount).map(screen.scrollbackText) == ["996", "997", "998"])
        #expect(screen.text == "999")
        screen.write("⎋[3J")
        #expect(screen.scrollbackCount == 0)
    }
}
