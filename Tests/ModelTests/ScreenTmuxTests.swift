import Foundation
import Model
import TestSupport
import Testing

/// The screen beside tmux: what a pane of the same size shows after each part of a recording.
struct ScreenTmuxTests {
    @Test(arguments: TerminalRecording.names)
    func `the text is what tmux shows`(name: String) throws {
        let recording = try TerminalRecording.load(name)
        let parts = parts(of: recording, cuts: recording.cuts(6))
        let shown = try show(parts, columns: recording.columns, rows: recording.rows)
        var screen = Screen(columns: recording.columns, rows: recording.rows)
        for (number, part) in parts.enumerated() {
            screen.feed(part)
            let (rows, cursor) = shown[number]
            let mine = (0..<screen.rows).map(screen.text(row:))
            let wrong = mine.indices.filter { mine[$0] != rows[$0] }
            #expect(wrong.isEmpty, "\(wrong.prefix(2).map { "part \(number) row \($0): \(mine[$0]) | \(rows[$0])" })")
            let column = screen.cursor.column + (screen.cursor.pendingWrap ? 1 : 0)
            #expect(cursor == "\(screen.cursor.row),\(column)", "cursor after part \(number)")
        }
    }

    /// Behind each part a CAN ends what is unfinished, and a title says that tmux has come so far.
    private func parts(of recording: TerminalRecording, cuts: [Int]) -> [[UInt8]] {
        var last = 0
        return cuts.enumerated().map { number, cut in
            defer { last = cut }
            return recording.bytes[last..<cut] + Array("\u{18}\u{1B}]2;part-\(number)\u{7}".utf8)
        }
    }

    private func show(_ parts: [[UInt8]], columns: Int, rows: Int) throws -> [(rows: [String], cursor: String)] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("screen-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (number, part) in parts.enumerated() {
            try Data(part).write(to: folder.appendingPathComponent("part-\(number)"))
        }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Peers/tmux-show.sh")
        try call("/bin/sh", [script.path, "\(columns)", "\(rows)", "\(parts.count)", folder.path])
        return try parts.indices.map { number in
            let text = try read("text-\(number)", in: folder)
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            while lines.count < rows { lines.append("") }
            return (lines, try read("cursor-\(number)", in: folder).trimmingCharacters(in: .newlines))
        }
    }

    private func read(_ name: String, in folder: URL) throws -> String {
        String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
    }
}
