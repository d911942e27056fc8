import EventSchema
import Replay

/// What paths and sources of a recording are called on a line.
public struct SourceNames: Sendable {
    private var workspaces: [SourceID: [UInt8]] = [:]
    /// Who recorded the source; empty where all of it is one person's.
    private var people: [SourceID: String] = [:]
    private let several: Bool

    public init(of recording: Recording) {
        let roots = Dictionary(recording.sessions.map { ($0.id, $0.workspace) }) { first, _ in first }
        for source in recording.sources { workspaces[source.id] = roots[source.session] }
        several = Set(roots.values).count > 1
        let users = Dictionary(recording.sessions.map { ($0.id, $0.user) }) { first, _ in first }
        guard Set(users.values).count > 1 else { return }
        for source in recording.sources { people[source.id] = users[source.session].map { "@\(Sanitize.line($0)) " } }
    }

    /// Whose the source is, as `@alice` and a space; empty where all of it is one person's.
    public func person(of source: SourceID) -> String { people[source] ?? "" }

    /// A path as people say it, after whose it is where there are several people.
    public func path(_ path: some Collection<UInt8>, of source: SourceID) -> String {
        person(of: source) + place(path, of: source)
    }

    /// A path inside its workspace relative to it (under its name where there are several), else whole.
    public func place(_ path: some Collection<UInt8>, of source: SourceID) -> String {
        let path = Array(path)
        guard let root = workspaces[source], !root.isEmpty, path.starts(with: root) else { return Sanitize.line(path) }
        let rest = path.dropFirst(root.count)
        if rest.isEmpty { return Self.last(root) }
        guard rest.first == UInt8(ascii: "/") else { return Sanitize.line(path) }
        let inside = Sanitize.line(rest.dropFirst())
        return several ? "\(Self.last(root))/\(inside)" : inside
    }

    /// A directory as a prompt shows it: the workspace's name and the way down from it, after whose it is where there are
    /// several people.
    public func directory(_ path: some Collection<UInt8>, of source: SourceID) -> String {
        person(of: source) + way(to: path, of: source)
    }

    private func way(to path: some Collection<UInt8>, of source: SourceID) -> String {
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
