import Foundation

/// Which files of a workspace are private: their content is never recorded, only that they were there.
///
/// In this order, and none can make public what another hides: the built-in list, the `.playheadignore` files, the
/// `.gitignore` files (and `.git/info/exclude`) of the directories from the workspace down to the file.
public struct IgnoreRules: Sendable {
    /// The real path of the workspace.
    public let root: String
    /// Larger ignore files are read up to here.
    public static let largestFile = 1 << 20

    /// Secrets by their usual names.
    public static let builtIn: [String] = [
        ".env", ".env.*", "*.env", ".envrc", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.ppk",
        "*.kdbx", "*.kdb",
        "*.asc", "*.gpg", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", ".ssh/", ".gnupg/", ".git/", ".aws/",
        ".azure/", ".kube/",
        ".docker/config.json", ".config/gcloud/", ".netrc", "_netrc", ".pgpass", ".my.cnf", ".npmrc", ".pypirc",
        ".git-credentials",
        ".htpasswd", "*.tfstate", "*.tfstate.*", "*.tfvars", "secrets.y*ml", "secrets.json", "secrets.toml",
        "credentials.json",
        ".vault-token", "shadow", "gshadow", ".bash_history", ".zsh_history", ".python_history",
    ]

    private static let builtInPatterns = builtIn.compactMap { IgnorePattern(line: $0) }

    public init(root: String) { self.root = WorkspaceRoot.realPath(root) }

    /// Why a file is private; nil if it is not.
    ///
    /// The ignore files are read anew, so that a change counts at once.
    ///
    /// - Parameter path: absolute, or relative to the workspace.
    public func isPrivate(_ path: String) -> String? {
        let path = path.hasPrefix("/") ? path : root + "/" + path
        let real = WorkspaceRoot.realPath(path)
        if let reason = builtInReason(path) ?? builtInReason(real) { return reason }
        guard let relative = below(root, real) else { return "outside the workspace" }
        if let reason = reason(relative, files: [".playheadignore"]) { return reason }
        return reason(relative, files: [".gitignore"])
    }

    private func builtInReason(_ path: String) -> String? {
        var parts: [UInt8] = []
        let names = path.split(separator: "/")
        for (index, name) in names.enumerated() {
            parts += (parts.isEmpty ? [] : [UInt8(ascii: "/")]) + Array(name.utf8)
            let isDirectory = index < names.count - 1
            for pattern in Self.builtInPatterns {
                let tail = pattern.text.dropLast(pattern.directoryOnly ? 1 : 0).filter { $0 == "/" }.count + 1
                let end = names[max(0, index + 1 - tail)...index].joined(separator: "/")
                if pattern.matches(Array(end.utf8), isDirectory: isDirectory) { return "built-in rule \(pattern.text)" }
            }
        }
        return nil
    }

    private func below(_ root: String, _ path: String) -> [[UInt8]]? {
        if root == "/" { return path.split(separator: "/").map { Array($0.utf8) } }
        guard path.hasPrefix(root + "/") else { return nil }
        return path.dropFirst(root.count + 1).split(separator: "/").map { Array($0.utf8) }
    }

    /// The rule that ignores the file or a directory above it: the last match counts, the deepest file first; below an
    /// ignored directory nothing is taken out again.
    private func reason(_ names: [[UInt8]], files: [String]) -> String? {
        var levels: [(depth: Int, name: String, patterns: [IgnorePattern])] = []
        if files.contains(".gitignore") {
            levels.append((0, ".git/info/exclude", patterns(in: root + "/.git/info/exclude")))
        }
        var directory = root == "/" ? "" : root
        for depth in names.indices {
            for file in files { levels.append((depth, file, patterns(in: directory + "/" + file))) }
            let isDirectory = depth < names.count - 1
            search: for level in levels.reversed() {
                let path = Array(names[level.depth...depth].joined(separator: [UInt8(ascii: "/")]))
                for pattern in level.patterns.reversed() where pattern.matches(path, isDirectory: isDirectory) {
                    if !pattern.isNegated { return "\(level.name): \(pattern.text)" }
                    break search
                }
            }
            directory += "/" + String(decoding: names[depth], as: UTF8.self)
        }
        return nil
    }

    private func patterns(in file: String) -> [IgnorePattern] {
        guard let handle = FileHandle(forReadingAtPath: file) else { return [] }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: Self.largestFile) else { return [] }
        return data.split(separator: 0x0A).compactMap { IgnorePattern(line: String(decoding: $0, as: UTF8.self)) }
    }
}
