import Foundation

/// Where a git repository stands.
struct GitState {
    var head = ""
    var branch = ""
    var dirty: [[UInt8]] = []

    static let mostDirty = 500

    /// The state of the repository that holds `directory`; nil if there is none, or no git, or it takes too long.
    static func read(
        _ directory: String, environment: [String: String], limit: Duration = .seconds(5)
    ) -> GitState? {
        guard let git = QuickCommand.find("git", path: environment["PATH"] ?? "/usr/bin:/bin") else { return nil }
        var quiet = environment
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] { quiet[name] = nil }
        quiet["GIT_OPTIONAL_LOCKS"] = "0"  // the person's own git must never find the index locked
        quiet["LC_ALL"] = "C"
        let arguments = [
            "-c", "core.fsmonitor=false", "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal",
        ]
        return QuickCommand.output(of: git, arguments, in: directory, environment: quiet, limit: limit).map(parse)
    }

    /// Reads `git status --porcelain=v2 --branch -z`.
    static func parse(_ output: [UInt8]) -> GitState {
        var state = GitState()
        var skipsNext = false
        for field in output.split(separator: 0, omittingEmptySubsequences: true) {
            if skipsNext {  // the former name of a renamed file
                skipsNext = false
                continue
            }
            let text = String(decoding: field.prefix(200), as: UTF8.self)
            if text.hasPrefix("# branch.oid ") {
                let revision = text.dropFirst(13)
                state.head = revision == "(initial)" ? "" : String(revision)
            } else if text.hasPrefix("# branch.head ") {
                let name = text.dropFirst(14)
                state.branch = name == "(detached)" ? "" : String(name)
            } else {
                guard let kind = field.first, let words = [0x31: 8, 0x32: 9, 0x75: 10, 0x3F: 1][Int(kind)] else {
                    continue
                }
                skipsNext = kind == 0x32
                let parts = field.split(separator: 0x20, maxSplits: words, omittingEmptySubsequences: false)
                if parts.count > words, state.dirty.count < mostDirty {
                    state.dirty.append(Array(parts[words].prefix(4096)))
                }
            }
        }
        return state
    }
}
