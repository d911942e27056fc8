import Foundation
import Model
import TestSupport
import Testing

/// The screen beside libvterm at a fixed size, cell by cell, on the open recordings.
///
/// Not compared, because libvterm 0.1.4 does not keep them: dim, hidden, underline colour, links.
struct ScreenLibvtermTests {
    @Test(arguments: TerminalRecording.names)
    func `every cell is what libvterm has`(name: String) throws {
        let recording = try TerminalRecording.load(name)
        let cuts = recording.cuts(8)
        let peer = try VTermDump.run(recording, at: cuts)
        var screen = Screen(columns: recording.columns, rows: recording.rows)
        var fed = 0
        for (cut, dump) in zip(cuts, peer) {
            screen.feed(recording.bytes[fed..<cut])
            fed = cut
            #expect(screen.cursor.row == dump.row && screen.cursor.column == dump.column, "cursor at byte \(cut)")
            var wrong: [String] = []
            for row in 0..<screen.rows {
                for (column, cell) in screen.line(row).enumerated() {
                    let mine = VTermDump.Cell(cell)
                    let theirs = dump.cells[row * screen.columns + column].comparable(to: mine)
                    if mine != theirs { wrong.append("\(row),\(column): \(mine) against \(theirs)") }
                }
            }
            #expect(wrong.isEmpty, "\(wrong.count) cells at byte \(cut): \(wrong.prefix(3))")
        }
    }
}

/// What `Tests/Peers/vterm-dump.c` prints.
struct VTermDump {
    struct Cell: Equatable {
        var characters: [UInt32]
        var foreground: UInt32
        var background: UInt32
        var attributes: UInt32

        /// libvterm leaves a style behind wide characters, and gives erased cells (no character) the whole pen where
        /// xterm gives them its background only.
        func comparable(to mine: Cell) -> Cell {
            if attributes >> 16 == 0 { return Cell(characters: [], foreground: 0, background: 0, attributes: 0) }
            guard characters.isEmpty else { return self }
            return Cell(
                characters: [0x20], foreground: mine.foreground, background: background, attributes: mine.attributes)
        }
    }

    var row: Int
    var column: Int
    var cells: [Cell]

    static func run(_ recording: TerminalRecording, at cuts: [Int]) throws -> [VTermDump] {
        let arguments = ([recording.columns, recording.rows] + cuts).map(String.init)
        let output = try callPeer("vterm-dump", libraries: ["vterm"], arguments: arguments, input: recording.bytes)
        return parse([UInt8](output), columns: recording.columns, rows: recording.rows)
    }

    private static func parse(_ bytes: [UInt8], columns: Int, rows: Int) -> [VTermDump] {
        var offset = 0
        func number() -> UInt32 {
            defer { offset += 4 }
            return (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
        }
        var dumps: [VTermDump] = []
        while offset + (2 + 9 * columns * rows) * 4 <= bytes.count {
            var dump = VTermDump(row: Int(number()), column: Int(number()), cells: [])
            for _ in 0..<columns * rows {
                let characters = (0..<6).map { _ in number() }.filter { $0 != 0 }
                dump.cells.append(
                    Cell(characters: characters, foreground: number(), background: number(), attributes: number()))
            }
            dumps.append(dump)
        }
        return dumps
    }
}

extension VTermDump.Cell {
    init(_ cell: ScreenCell) {
        guard cell.width > 0 else {
            self.init(characters: [], foreground: 0, background: 0, attributes: 0)
            return
        }
        let style = cell.style
        // libvterm knows three kinds of underline.
        let underline = min(UInt32(style.underline.rawValue), 3)
        var attributes = UInt32(cell.width) << 16 | underline << 8
        for (bit, isOn) in [style.bold, style.italic, style.blink, style.inverse, style.strike].enumerated() where isOn
        {
            attributes |= 1 << UInt32(bit)
        }
        self.init(
            characters: cell.character.unicodeScalars.map(\.value), foreground: VTermDump.Cell.number(style.foreground),
            background: VTermDump.Cell.number(style.background), attributes: attributes)
    }

    private static func number(_ color: ScreenStyle.Color) -> UInt32 {
        switch color {
        case .default: 0
        case .indexed(let index): 1 << 24 | UInt32(index)
        case .rgb(let red, let green, let blue): 2 << 24 | UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
        }
    }
}
