import Foundation
import Glibc

/// The directory a piece of work belongs to.
public enum WorkspaceRoot {
    /// The real path of the git top level that encloses `path`, else of the nearest directory with a `.playhead.toml`;
    /// nil if there is neither.
    ///
    /// - Parameter path: absolute; a file or directory, which need not exist.
    public static func enclosing(_ path: String) -> String? {
        var directory = realPath(path)
        if !isDirectory(directory) { directory = parent(of: directory) }
        var named: String?
        while true {
            if exists(directory + "/.git") { return directory }
            if named == nil, exists(directory + "/.playhead.toml") { named = directory }
            if directory == "/" || directory.isEmpty { return named }
            directory = parent(of: directory)
        }
    }

    /// The workspace of `path`: as `enclosing`, else `start`, the directory where the work began.
    public static func find(of path: String, start: String) -> String { enclosing(path) ?? realPath(start) }

    /// The path with its links resolved as far as it exists, `.` and `..` taken out.
    public static func realPath(_ path: String) -> String {
        var rest: [String] = []
        var existing = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        while true {
            if let resolved = Glibc.realpath(existing, nil) {
                defer { free(resolved) }
                let base = String(cString: resolved)
                return rest.reversed().reduce(base) { appending($1, to: $0) }
            }
            guard existing != "/", !existing.isEmpty else { return path }
            let cut = parent(of: existing)
            rest.append(String(existing.dropFirst(cut == "/" ? 1 : cut.count + 1)))
            existing = cut
        }
    }

    private static func appending(_ component: String, to base: String) -> String {
        switch component {
        case "", ".": base
        case "..": parent(of: base)
        default: base == "/" ? "/" + component : base + "/" + component
        }
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
