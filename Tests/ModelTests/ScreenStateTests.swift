import Model
import TestSupport
import Testing

/// The state as a whole, over random bytes: how they are cut must not matter, and what is written down comes back.
struct ScreenStateTests {
    private static let sizes = [(80, 24), (7, 5), (1, 1), (2, 3), (20, 1)]

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `portions give the same state as all at once`(seed: UInt64) {
        for (columns, rows) in Self.sizes {
            var noise = TerminalNoise(generator: SeededGenerator(seed: seed))
            var generator = SeededGenerator(seed: seed &+ 1)
            let bytes = noise.bytes(400)
            var whole = Screen(columns: columns, rows: rows, scrollbackLimit: 20)
            whole.feed(bytes)
            var parts = Screen(columns: columns, rows: rows, scrollbackLimit: 20)
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = rest.prefix(Int.random(in: 1...9, using: &generator))
                parts.feed(part)
                rest = rest.dropFirst(part.count)
            }
            #expect(whole == parts, "seed \(seed), \(columns)x\(rows)")
            #expect(whole.encoded() == parts.encoded(), "seed \(seed), \(columns)x\(rows)")
        }
    }

    @Test(arguments: 11...15 as ClosedRange<UInt64>)
    func `what is encoded comes back and goes on alike`(seed: UInt64) throws {
        for (columns, rows) in Self.sizes {
            var noise = TerminalNoise(generator: SeededGenerator(seed: seed))
            var screen = Screen(columns: columns, rows: rows, scrollbackLimit: 50)
            for step in 0..<12 {
                // Cut anywhere, also inside a sequence.
                screen.feed(noise.bytes(25).dropLast(step % 3))
                var copy = try Screen(encoded: screen.encoded())
                #expect(copy == screen, "seed \(seed), \(columns)x\(rows), step \(step)")
                if step % 4 == 3 {
                    copy.resize(columns: columns + step, rows: rows + 1)
                    screen.resize(columns: columns + step, rows: rows + 1)
                }
                let more = noise.bytes(10)
                copy.feed(more)
                screen.feed(more)
                #expect(copy == screen, "seed \(seed), \(columns)x\(rows), step \(step), later")
            }
        }
    }

    @Test(arguments: 21...25 as ClosedRange<UInt64>)
    func `redrawing shows the same`(seed: UInt64) {
        for (columns, rows) in Self.sizes {
            var noise = TerminalNoise(generator: SeededGenerator(seed: seed))
            var screen = Screen(columns: columns, rows: rows)
            for step in 0..<12 {
                screen.feed(noise.bytes(25))
                var copy = Screen(columns: columns, rows: rows)
                copy.feed(screen.redraw())
                let place: Comment = "seed \(seed), \(columns)x\(rows), step \(step)"
                for row in 0..<rows { #expect(copy.line(row) == screen.line(row), place) }
                #expect(copy.cursor == screen.cursor, place)
                #expect(copy.modes == screen.modes, place)
                #expect(copy.penStyle == screen.penStyle, place)
                #expect(copy.title == screen.title && copy.workingDirectory == screen.workingDirectory, place)
                #expect(copy.isAlternate == screen.isAlternate, place)
            }
        }
    }

    @Test(arguments: 31...36 as ClosedRange<UInt64>)
    func `random bytes and sizes never trap`(seed: UInt64) {
        var noise = TerminalNoise(generator: SeededGenerator(seed: seed))
        var generator = SeededGenerator(seed: seed &+ 1)
        var screen = Screen(columns: 10, rows: 5, scrollbackLimit: 30)
        for _ in 0..<150 {
            screen.feed(noise.bytes(12))
            let columns = [1, 2, 3, 9, 40, -5, Int.max][Int.random(in: 0...6, using: &generator)]
            screen.resize(columns: columns, rows: Int.random(in: 0...12, using: &generator))
            #expect(screen.cursor.row < screen.rows && screen.cursor.column < screen.columns)
            #expect(screen.line(0).count == screen.columns)
        }
    }

    @Test(arguments: 41...44 as ClosedRange<UInt64>)
    func `damaged encodings are refused or are screens`(seed: UInt64) throws {
        var noise = TerminalNoise(generator: SeededGenerator(seed: seed))
        var generator = SeededGenerator(seed: seed &+ 1)
        var screen = Screen(columns: 12, rows: 4, scrollbackLimit: 10)
        screen.feed(noise.bytes(120))
        let good = screen.encoded()
        for end in 0..<good.count {
            #expect(throws: ScreenError.self) { try Screen(encoded: good.prefix(end)) }
        }
        for _ in 0..<400 {
            var bad = good
            for _ in 0...Int.random(in: 0...2, using: &generator) {
                bad[Int.random(in: bad.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            guard var other = try? Screen(encoded: bad) else { continue }
            other.feed(noise.bytes(5))
            other.resize(columns: 5, rows: 3)
            #expect(try Screen(encoded: other.encoded()) == other)
            var copy = Screen(columns: 5, rows: 3)
            copy.feed(other.redraw())
            #expect(copy.text == other.text)
        }
    }

    @Test
    func `tables of marks and links stay bounded`() throws {
        var screen = Screen(columns: 10, rows: 3, scrollbackLimit: 5)
        for number in 0..<3_000 {
            let mark = Unicode.Scalar(UInt32(0x300 + number % 80)).map(String.init) ?? ""
            screen.feed("\u{1B}]8;;https://example.org/\(number)\(String(repeating: "x", count: 1_900))\u{7}a\(mark)")
        }
        #expect(screen.line(screen.cursor.row)[0].style.link?.hasPrefix("https://example.org/2") == true)
        #expect(try Screen(encoded: screen.encoded()) == screen)
        #expect(screen.encoded().count < 9 << 20)
    }
}
