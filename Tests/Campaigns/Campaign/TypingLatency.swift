import Foundation

/// From a key in a recorded Neovim to the buffer of a Neovim that follows it, over agent and broker; reported, no promise.
struct TypingLatency {
    private static let keys = 200
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("follow-editors/type.lua").path

    /// Milliseconds of each key after the first ten, in order of size.
    let delays: [Double]

    init(_ stage: Stage, _ follower: FollowingEditor) throws {
        let file = stage.workspace.appendingPathComponent("typed.txt")
        try Data("typed: \n".utf8).write(to: file)
        let go = stage.file("typing").path
        let leader = try stage.start(
            ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-S", Self.script], log: "typing.log",
            [
                "PLAYHEAD_FILE": file.path, "PLAYHEAD_PLUGIN": try DrivenEditor.plugin(stage), "PLAYHEAD_GO": go,
                "PLAYHEAD_KEYS": "\(Self.keys)",
            ])
        func times(_ path: String) -> [Double] {
            ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n").compactMap {
                Double($0)
            }
        }
        var seen: [Double] = []
        let keys = go + ".keys"
        try waitUntil(60, every: 0.2, "all keys are there: \(times(keys).count) pressed, \(seen.count) seen") {
            _ = try follower.state()
            seen = times(follower.probe("times"))
            return times(keys).count == Self.keys && seen.count >= Self.keys
        }
        let pressed = times(keys)
        guard seen.count == Self.keys else { throw CampaignFailure("\(seen.count) edits of \(Self.keys) keys") }
        delays = zip(pressed, seen).dropFirst(10).map { ($1 - $0) / 1e6 }.sorted()
        try Data().write(to: URL(fileURLWithPath: go))
        try stage.wait(for: leader, 30, "the end of Neovim: \(stage.text(of: "typing.log").suffix(300))")
    }

    var line: String {
        func text(_ part: Int) -> String {
            String(format: "%.1f", delays[min(delays.count - 1, delays.count * part / 100)])
        }
        return
            "from a key in Neovim to the Neovim that follows, \(delays.count) keys: p50 \(text(50)), p99 \(text(99)) ms"
    }
}
