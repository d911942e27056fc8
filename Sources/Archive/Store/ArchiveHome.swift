import Foundation

/// The directory that holds a person's archive, and the files in it.
public struct ArchiveHome: Sendable, Hashable {
    public let directory: URL

    public init(_ directory: URL) { self.directory = directory }

    /// The truth: every batch that was accepted.
    public var archive: URL { directory.appendingPathComponent("archive.db") }
    /// Projections of the truth; may be deleted at any time.
    public var index: URL { directory.appendingPathComponent("index.db") }
    /// Batches that a recorder could not hand over before it ended; the next agent takes them.
    public var unsent: URL { directory.appendingPathComponent("unsent", isDirectory: true) }
    /// Held by the one agent of this home.
    public var lock: URL { directory.appendingPathComponent("agent.lock") }
    public var log: URL { directory.appendingPathComponent("agent.log") }

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
