import Model
import TestSupport
import Testing

/// What resizing does to wrapped lines, the cursor and the scrollback.
struct ScreenReflowTests {
    @Test(arguments: [
        ("abcdefgh", 4, 3, "abcd|efgh▮|"),
        ("abcdefgh", 3, 3, "abc|def|gh▮"),
        ("abcdefgh", 12, 3, "abcdefgh▮||"),
        ("漢字漢", 3, 3, "漢|字|漢▮"),
        ("漢字漢", 5, 3, "漢字|漢▮|"),
        ("a\r\nb\r\nc", 6, 2, "b|c▮"),
        ("a\r\nb", 6, 5, "a|b▮|||"),
        ("$ ", 2, 3, "$ ▮||"),
        ("abcde漢", 8, 3, "abcde漢▮||"),
        ("abcd 漢", 8, 3, "abcd 漢▮||"),
    ])
    func `lines flow`(input: String, columns: Int, rows: Int, picture: String) {
        var screen = Screen(6, 3, input)
        screen.resize(columns: columns, rows: rows)
        #expect(screen.picture == picture)
    }

    @Test
    func `lines pushed out by shrinking come back`() {
        var screen = Screen(6, 4, "a\r\nb\r\nc\r\nd\r\ne")
        screen.resize(columns: 6, rows: 2)
        #expect(screen.picture == "d|e▮")
        #expect(screen.scrollbackCount == 3)
        screen.resize(columns: 6, rows: 4)
        #expect(screen.picture == "b|c|d|e▮")
        #expect(screen.scrollbackCount == 1)
    }

    @Test
    func `narrow and wide again is the same text`() {
        let text = (0..<40).map { "line \($0) with 漢字 and e\u{301} in it" }.joined(separator: "\r\n")
        var screen = Screen(columns: 37, rows: 10)
        screen.feed(text)
        let before = all(screen)
        for columns in [5, 36, 2, 80] { screen.resize(columns: columns, rows: 10) }
        #expect(all(screen) == before)
    }

    @Test
    func `a hidden primary screen flows too`() {
        var screen = Screen(6, 3, "abcdefgh⎋[?1049h")
        screen.resize(columns: 4, rows: 3)
        screen.write("⎋[?1049l")
        #expect(screen.picture == "abcd|efgh▮|")
    }

    /// The logical lines, wrapped rows joined.
    private func all(_ screen: Screen) -> [String] {
        var lines: [String] = [""]
        var wide = screen
        wide.resize(columns: 200, rows: 1)
        for index in 0..<wide.scrollbackCount { lines.append(wide.scrollbackText(index)) }
        return lines + [wide.text]
    }
}
