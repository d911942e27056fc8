import EventSchema
import Replay

/// What paths and sources of a recording are called on a line.
public struct SourceNames: Sendable {
    private var workspaces: [SourceID: [UInt8]] = [:]
    private let several: Bool

    public init(of recording: Recording) {
        let roots = Dictionary(recording.sessions.map { ($0.id, $0.workspace) }) { first, _ in first }
        for source in recording.sources { workspaces[source.id] = roots[source.session] }
        several = Set(roots.values).count > 1
    }

    /// A path as people say it: inside its workspace relative to it (under its name where there are several).
    public func path(_ path: some Collection<UInt8>, of source: SourceID) -> String {
        let path = Array(path)
        guard let root = workspaces[source], !root.isEmpty, path.starts(with: root) else { return Sanitize.line(path) }
        let rest = path.dropFirst(root.count)
        if rest.isEmpty { return Self.last(root) }
        guard rest.first == UInt8(ascii: "/") else { return Sanitize.line(path) }
        let inside = Sanitize.line(rest.dropFirst())
        return several ? "\(Self.last(root))/\(inside)" : inside
    }

    /// A directory as a prompt shows it: the workspace's name and the way down from it.
    public func directory(_ path: some Collection<UInt8>, of source: SourceID) -> String {
        let path = Array(path)
        guard let root = workspaces[source], !root.isEmpty, path.starts(with: root) else { return Sanitize.line(path) }
        let rest = path.dropFirst(root.count)
        guard rest.isEmpty || rest.first == UInt8(ascii: "/") else { return Sanitize.line(path) }
        return Self.last(root) + Sanitize.line(rest)
    }

    private static func last(_ path: [UInt8]) -> String {
        Sanitize.line(path.split(separator: UInt8(ascii: "/")).last ?? [])
    }
}
