import Model
import Testing

extension Screen {
    /// A screen that has been fed `input`; `⎋` stands for ESC.
    init(_ columns: Int, _ rows: Int, _ input: String) {
        self.init(columns: columns, rows: rows)
        write(input)
    }

    mutating func write(_ input: String) {
        feed(input.replacing("⎋", with: "\u{1B}"))
    }

    /// The rows parted by `|`, `▮` before the cell of the cursor (behind it if it waits to wrap).
    var picture: String {
        (0..<rows).map { row in
            let cells = line(row)
            var text = ""
            for (column, cell) in cells.enumerated() {
                let isHere = row == cursor.row && column == cursor.column
                if isHere, !cursor.pendingWrap { text += "▮" }
                text += cell.character
                if isHere, cursor.pendingWrap { text += "▮" }
            }
            while text.last == " " { text.removeLast() }
            return text
        }.joined(separator: "|")
    }
}

/// Random terminal bytes: text, whole and broken sequences, noise.
struct TerminalNoise {
    var generator: any RandomNumberGenerator

    mutating func bytes(_ pieces: Int) -> [UInt8] {
        (0..<pieces).flatMap { _ in piece() }
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    private mutating func pick(_ text: String) -> String {
        text.randomElement(using: &generator).map(String.init) ?? ""
    }

    private mutating func piece() -> [UInt8] {
        switch number(0...11) {
        case 0: return (0...number(0...6)).map { _ in UInt8(number(0...255)) }
        case 1...3: return Array((0...number(0...30)).map { _ in pick("abc xyz") }.joined().utf8)
        case 4:
            return Array(pick("あ漢😀é👩ไ한ｗ").utf8) + Array(["", "\u{301}", "\u{200D}", "\u{FE0F}"][number(0...3)].utf8)
        case 5: return Array(["\r\n", "\n", "\t", "\u{8}", "\u{E}", "\u{F}", "\r"][number(0...6)].utf8)
        case 6: return Array("\u{1B}\(pick("DEHM78c=>()#*["))\(pick("0B8A"))".utf8)
        case 7: return Array("\u{1B}[\(colors())m".utf8)
        case 8:
            return Array(
                "\u{1B}]\(number(0...8));\(pick(";ab"));x\(number(0...99))\(["\u{7}", "\u{1B}\\", ""][number(0...2)])"
                    .utf8)
        case 9:
            let mode = [1, 5, 6, 7, 25, 47, 66, 1000, 1006, 1047, 1048, 1049, 2004, 2026][number(0...13)]
            return Array("\u{1B}[?\(mode)\(pick("hl"))".utf8)
        case 10: return Array("\u{1B}[\(number(0...12));\(number(0...12))\(pick("HfrmJ"))".utf8)
        default:
            return Array(
                "\u{1B}[\([0, 1, 2, 3, 9, 70_000][number(0...5)])\(pick("ABCDEFGHIJKLMPSTXZ@`abdefghlqrsu"))".utf8)
        }
    }

    private mutating func colors() -> String {
        let all = [
            "0", "1;3", "2", "4:3", "7", "31", "97;44", "38;5;\(number(0...300))", "48;2;1;2;3", "38:2::9:8:7",
            "58:5:4", "58;2;1;1;\(number(0...255))", "53;9", "22;24",
        ]
        return all[number(0...all.count - 1)]
    }
}
