import Foundation
import Integrations

/// A headless Neovim with the plugin, which edits files of the workspace at random.
final class DrivenEditor {
    let files: [String]
    let process: Child
    private let stage: Stage
    private let socket: String
    private let log: String

    private static var here: URL { URL(fileURLWithPath: #filePath).deletingLastPathComponent() }
    /// The plug-in as `init nvim` prints it.
    static func plugin(_ stage: Stage) throws -> String {
        let file = stage.file("playhead.lua")
        try Data(Integrations.neovim).write(to: file, options: .atomic)
        return file.path
    }

    /// - Parameter milliseconds: between two edits.
    init(
        _ stage: Stage, name: String = "editor", files: [String] = ["main.py", "notes.txt"], seed: UInt64,
        milliseconds: Int = 10
    )
        throws
    {
        self.stage = stage
        self.files = files.map { stage.workspace.appendingPathComponent($0).path }
        socket = stage.file("\(name).sock").path
        log = "\(name).log"
        for file in self.files where !FileManager.default.fileExists(atPath: file) {
            try "first line\nété 🎉\nlast line\n".write(toFile: file, atomically: false, encoding: .utf8)
        }
        process = try stage.startThere(
            [
                "nvim", "--headless", "--listen", socket, "-u", "NONE", "-i", "NONE", "-n", "-S",
                Self.here.appendingPathComponent("drive.lua").path,
            ], log: log,
            [
                "PLAYHEAD_FILES": self.files.joined(separator: "\n"), "PLAYHEAD_PLUGIN": try Self.plugin(stage),
                "PLAYHEAD_SEED": String(seed % 1_000_000), "PLAYHEAD_DRIVE_MS": String(milliseconds),
            ])
        try waitUntil(30, "Neovim edits: \(text)") { (try? count()) ?? 0 > 5 }
    }

    /// What it said.
    var text: String { stage.text(of: log) }

    /// The child that carries its events; nil while there is none.
    var bridge: Int32? { stage.processes(running: "editor").first }

    /// What a Lua expression gives.
    func ask(_ expression: String, patience: Double = 30) throws -> String {
        let answer = "ask-\(UUID().uuidString.prefix(8))"
        let asking = try stage.start(
            ["nvim", "--server", socket, "--remote-expr", "luaeval('\(expression)')"], log: answer)
        defer { try? FileManager.default.removeItem(at: stage.file(answer)) }
        let status = try stage.wait(for: asking, patience, "an answer of Neovim to \(expression)")
        guard status == 0 else { throw CampaignFailure("Neovim refuses \(expression): \(stage.text(of: answer))") }
        return stage.text(of: answer)
    }

    /// How many edits it made.
    func count() throws -> Int { Int(try ask("Drive.count()").filter(\.isNumber)) ?? 0 }

    func pause() throws { _ = try ask("Drive.pause()") }
    func resume() throws { _ = try ask("Drive.resume()") }

    /// The text of each buffer by its path.
    func texts() throws -> [String: [UInt8]] {
        _ = try ask("Drive.texts()")
        var texts: [String: [UInt8]] = [:]
        for file in files { texts[file] = Array(try Data(contentsOf: URL(fileURLWithPath: file + ".final"))) }
        return texts
    }

    /// What the person was told.
    func messages() throws -> String { try ask("Drive.messages()") }

    /// Ends it in order.
    func quit() throws {
        let asking = try stage.start(
            ["nvim", "--server", socket, "--remote-expr", "execute('qa!')"], log: "quit.log")
        try stage.wait(for: process, 20, "the end of Neovim")
        _ = try? stage.wait(for: asking, 5, "the end of the request")
    }
}
