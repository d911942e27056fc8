import EventSchema
import Foundation

/// The workspaces that are always recorded, as the person's own configuration names them:
///
///     [workspaces]
///     on = ["/home/a/shop"]
///     off = ["/home/a/shop/vendor"]
///
/// The nearest name above a path decides.
public struct RecordedWorkspaces: Sendable {
    static let onPath = ["workspaces", "on"]
    static let offPath = ["workspaces", "off"]

    /// The configuration file.
    public let file: String
    private var text: ConfigText
    public private(set) var on: [String]
    public private(set) var off: [String]

    /// `$XDG_CONFIG_HOME/playhead/config.toml`.
    public static func file(environment: [String: String], userHome: String) -> String {
        let base = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(userHome)/.config"
        return "\(base)/playhead/config.toml"
    }

    /// Reads the file; none is as good as an empty one.
    ///
    /// - Throws: `ConfigError` with the line of the mistake.
    public init(file: String) throws(ConfigError) {
        self.file = file
        var bytes: [UInt8] = []
        if FileManager.default.fileExists(atPath: file) {
            do {
                bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
            } catch {
                throw ConfigError(.unreadable, "cannot be read: \(error.localizedDescription)", underlying: error)
            }
        }
        text = try ConfigText(bytes)
        (on, off) = (try text.strings("workspaces", "on"), try text.strings("workspaces", "off"))
    }

    /// The workspace that is on and encloses `path`, a real path; nil if none does.
    public func enclosing(_ path: String) -> String? { Self.enclosing(path, on: on, off: off) }

    private static func enclosing(_ path: String, on: [String], off: [String]) -> String? {
        func nearest(_ names: [String]) -> String? {
            names.filter { encloses($0, path) }.max { $0.utf8.count < $1.utf8.count }
        }
        guard let found = nearest(on) else { return nil }
        guard let except = nearest(off) else { return found }
        return except.utf8.count > found.utf8.count ? nil : found
    }

    private static func encloses(_ workspace: String, _ path: String) -> Bool {
        path == workspace || path.hasPrefix(workspace.hasSuffix("/") ? workspace : workspace + "/")
    }

    /// Records a workspace from now on, and writes that down.
    ///
    /// - Returns: false if it was on already.
    public mutating func turnOn(_ workspace: String) throws(ConfigError) -> Bool {
        guard enclosing(workspace) == nil else { return false }
        try change { text throws(ConfigError) in
            try text.remove(workspace, from: Self.offPath)
            // Where another that is on encloses it, the end of the exception may be enough.
            let names = (try text.strings("workspaces", "on"), try text.strings("workspaces", "off"))
            if Self.enclosing(workspace, on: names.0, off: names.1) == nil { try text.add(workspace, to: Self.onPath) }
        }
        return true
    }

    /// Records a workspace no more; below one that is on it becomes an exception.
    ///
    /// - Returns: false if it was not on.
    public mutating func turnOff(_ workspace: String) throws(ConfigError) -> Bool {
        guard enclosing(workspace) != nil else { return false }
        try text.remove(workspace, from: Self.onPath)
        try change { text throws(ConfigError) in
            let names = try text.strings("workspaces", "on")
            if names.contains(where: { Self.encloses($0, workspace) }) { try text.add(workspace, to: Self.offPath) }
        }
        return true
    }

    private mutating func change(_ body: (inout ConfigText) throws(ConfigError) -> Void) throws(ConfigError) {
        try body(&text)
        (on, off) = (try text.strings("workspaces", "on"), try text.strings("workspaces", "off"))
        try write()
    }

    /// In one step; a link to a file elsewhere stays a link.
    private func write() throws(ConfigError) {
        let url = URL(fileURLWithPath: WorkspaceRoot.realPath(file))
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try Data(text.bytes).write(to: url, options: .atomic)
        } catch {
            throw ConfigError(.unwritable, "cannot write \(file): \(error.localizedDescription)", underlying: error)
        }
    }
}
