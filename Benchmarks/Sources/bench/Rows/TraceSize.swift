import EventSchema
import Foundation

/// Bytes on disk per recorded edit, all files counted, after sealing.
struct TraceSize: Row {
    let name = "size"
    let title = "archive.db per edit, sealed"
    let goal = "≤ 0.80 B at 1 s stamps, ≤ 3.0 at 1 ms"

    private static let traces = [
        ("sveltecomponent", 0.80), ("rustcode", 0.80), ("clownschool_flat", 0.80), ("json-crdt-blog-post", 3.0),
    ]

    func measure(_ lab: Lab) throws -> [Line] {
        if lab.smoke { throw NotMeasured(reason: "needs the release build; run `make bench`", expected: true) }
        guard let program = lab.program?.path() else { throw NotMeasured(reason: "no program to measure") }
        return try Self.traces.map { name, most in
            let home = lab.scraps.appending(path: "home-\(name)")
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            let place = ["PLAYHEAD_HOME": home.path(), "XDG_RUNTIME_DIR": home.path()]
            let trace = try lab.path(of: "editing/\(name).json.gz")
            _ = try lab.run([program, "import", trace], environment: place)
            _ = try lab.run([program, "seal"], environment: place)
            // The agent folds the log into the file as it leaves.
            _ = try lab.run([program, "agent", "--stop"], environment: place)
            let peer = try lab.peer("jsonlines.py", trace)
            guard let edits = peer["edits"]?.double, edits > 0 else { throw NotMeasured(reason: "\(name) is empty") }
            let archive = try size(of: ["archive.db", "archive.db-wal"], in: home) / edits
            let index = try size(of: ["index.db", "index.db-wal"], in: home) / edits
            var peers = [
                (name: "JSON lines, gzip -9", figure: try lab.figure("gzip", of: peer, unit: "B/edit")),
                (name: "JSON lines", figure: try lab.figure("plain", of: peer, unit: "B/edit")),
            ]
            if peer["loro"]?.double != nil {
                peers.append(("loro, no times", try lab.figure("loro", of: peer, unit: "B/edit")))
            }
            return Line(
                what: "\(name), archive.db (index.db beside it: \(Figure.short(index)) B)",
                ours: Figure(value: archive, unit: "B/edit"),
                peers: peers, moreIsBetter: false, goal: "≤ \(most) B, index ≤ 1.5 B",
                reached: archive <= most && index <= 1.5)
        }
    }

    private func size(of files: [String], in folder: URL) throws -> Double {
        try files.reduce(0.0) { sum, name in
            let path = folder.appending(path: name).path()
            guard FileManager.default.fileExists(atPath: path) else { return sum }
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            return sum + Double(size ?? 0)
        }
    }
}
