import Foundation
import Model
import TestSupport
import Testing

/// The screen beside tmux: what a pane of the same size shows after each part of a recording.
@Suite(.serialized)
struct ScreenTmuxTests {
    @Test(arguments: TerminalRecording.names)
    func `the text is what tmux shows`(name: String) throws {
        let recording = try TerminalRecording.load(name)
        let pane = try TmuxPane(recording, cuts: recording.cuts(6))
        defer { pane.close() }
        var screen = Screen(columns: recording.columns, rows: recording.rows)
        for part in pane.parts.indices {
            screen.feed(pane.parts[part])
            let shown = try pane.show(part)
            let mine = (0..<screen.rows).map(screen.text(row:))
            let wrong = shown.indices.filter { shown[$0] != mine[$0] }
            #expect(wrong.isEmpty, "\(wrong.prefix(2).map { "part \(part) row \($0): \(mine[$0]) | \(shown[$0])" })")
            let cursor = try pane.ask("#{cursor_y},#{cursor_x}")
            let column = screen.cursor.column + (screen.cursor.pendingWrap ? 1 : 0)
            #expect(cursor == "\(screen.cursor.row),\(column)", "cursor after part \(part)")
        }
    }
}

/// A tmux of its own with one pane that prints a recording part by part.
///
/// Behind each part a CAN ends what is unfinished and a title says that tmux has come so far.
struct TmuxPane {
    struct Late: Error {
        var part: Int
        var title: String
    }

    let parts: [[UInt8]]
    private let folder: URL
    private let socket = "playhead-test-\(UUID().uuidString)"
    private let rows: Int
    /// In the foreground: a daemon would keep the descriptors by which `Process` learns of its end.
    private let server = Process()

    init(_ recording: TerminalRecording, cuts: [Int]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("tmux-\(UUID().uuidString)")
        rows = recording.rows
        var parts: [[UInt8]] = []
        var last = 0
        for (index, cut) in cuts.enumerated() {
            parts.append(recording.bytes[last..<cut] + Array("\u{18}\u{1B}]2;part-\(index)\u{7}".utf8))
            last = cut
        }
        self.parts = parts
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (index, part) in parts.enumerated() {
            try Data(part).write(to: folder.appendingPathComponent("part-\(index)"))
        }
        let script = """
            cd '\(folder.path)'; stty raw -echo
            for part in $(seq 0 \(parts.count - 1)); do
                until [ -e go-$part ]; do sleep 0.01; done
                cat part-$part
            done
            sleep 60
            """
        server.executableURL = URL(fileURLWithPath: "/usr/bin/tmux")
        server.arguments = ["-D", "-u", "-L", socket, "-f", "/dev/null"]
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        let deadline = ContinuousClock.now + .seconds(20)
        while (try? tmux(["set-option", "-g", "status", "off"])) == nil {
            guard ContinuousClock.now < deadline else { throw Late(part: -1, title: "") }
            usleep(5_000)
        }
        let sizes = ["-x", "\(recording.columns)", "-y", "\(recording.rows)"]
        try tmux(["new-session", "-d"] + sizes + [script, ";", "set-option", "-s", "exit-empty", "on"])
        try tmux(["resize-window"] + sizes)
    }

    /// Has `part` printed and gives the rows of the pane behind it.
    func show(_ part: Int) throws -> [String] {
        try Data().write(to: folder.appendingPathComponent("go-\(part)"))
        let deadline = ContinuousClock.now + .seconds(20)
        var title = ""
        while title != "part-\(part)" {
            guard ContinuousClock.now < deadline else { throw Late(part: part, title: title) }
            usleep(5_000)
            title = try ask("#{pane_title}")
        }
        let bytes = try tmux(["capture-pane", "-p"])
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        return (0..<rows).map { $0 < lines.count ? String(lines[$0]) : "" }
    }

    func ask(_ format: String) throws -> String {
        let bytes = try tmux(["display-message", "-p", format])
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    func close() {
        _ = try? tmux(["kill-server"])
        server.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    @discardableResult
    private func tmux(_ arguments: [String]) throws -> Data {
        try call("/usr/bin/tmux", ["-N", "-u", "-L", socket] + arguments)
    }
}
