import Foundation

/// The directory that holds an archive, a person's or a team's, and the files in it.
public struct ArchiveHome: Sendable, Hashable {
    /// Whose archive it is. Both may lie in one directory: an archiver can run where somebody also records.
    public enum Owner: Sendable, Hashable {
        /// `archive.db`; a commit is safe against a crash at once, against a power cut a quarter second later.
        case person
        /// `team.db`; a commit is safe against a power cut, for what is acknowledged after it is nowhere else.
        case team
    }

    public let directory: URL
    public let owner: Owner

    public init(_ directory: URL, of owner: Owner = .person) {
        self.directory = directory
        self.owner = owner
    }

    /// The truth: every batch that was accepted.
    public var archive: URL { directory.appendingPathComponent(owner == .team ? "team.db" : "archive.db") }
    /// Projections of the truth; may be deleted at any time.
    public var index: URL { directory.appendingPathComponent(owner == .team ? "team-index.db" : "index.db") }
    /// Batches that a recorder could not hand over before it ended; the next agent takes them.
    public var unsent: URL { directory.appendingPathComponent("unsent", isDirectory: true) }
    /// Held by the one process that writes: a person's agent, or a team's archiver.
    public var lock: URL { directory.appendingPathComponent(owner == .team ? "archiver.lock" : "agent.lock") }
    public var log: URL { directory.appendingPathComponent("agent.log") }
    /// How the agent logs in where shared sessions go; for its owner only.
    public var logins: URL { directory.appendingPathComponent("brokers") }

    /// Creates the directory, readable by its owner only.
    public func create() throws(ArchiveError) {
        do {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ArchiveError(
                .unreachable, "cannot create \(directory.path): \(error.localizedDescription)", underlying: error)
        }
    }
}
