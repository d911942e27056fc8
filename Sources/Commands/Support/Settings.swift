import Archive
import Capture
import Foundation

/// Where things are for this person: flag > environment > defaults.
public struct Settings: Sendable {
    public var environment: [String: String]

    public init(environment: [String: String] = ProcessInfo.processInfo.environment) { self.environment = environment }

    /// The directory of the archive: `PLAYHEAD_HOME`, else `$XDG_DATA_HOME/playhead`.
    public var home: ArchiveHome {
        if let home = environment["PLAYHEAD_HOME"], !home.isEmpty { return ArchiveHome(URL(fileURLWithPath: home)) }
        return ArchiveHome(URL(fileURLWithPath: "\(dataDirectory)/playhead"))
    }

    /// `$XDG_DATA_HOME`.
    public var dataDirectory: String {
        environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(userHome)/.local/share"
    }

    public var userHome: String { environment["HOME"] ?? NSHomeDirectory() }

    /// The person's own configuration file.
    public var configuration: String { RecordedWorkspaces.file(environment: environment, userHome: userHome) }

    public var agent: AgentAddress { AgentAddress(home: home.directory.path, environment: environment) }

    /// The session that the surrounding recorded shell belongs to.
    public var currentSession: String? { environment["PLAYHEAD_SESSION"].flatMap { $0.isEmpty ? nil : $0 } }

    /// The account's name in the form the archive wants: `[a-z0-9-]{1,32}`.
    public var user: String {
        let name = environment["PLAYHEAD_USER"] ?? environment["USER"] ?? environment["LOGNAME"] ?? NSUserName()
        let letters = name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }.prefix(32)
        return letters.isEmpty ? "user" : String(letters)
    }

    /// Where sharing goes when it is asked for and names no broker. That one is known sends nothing.
    public var broker: String? { SharingSettings(self).broker }

    public var workingDirectory: String { FileManager.default.currentDirectoryPath }

    /// A path as a person writes it, with ~ for the home.
    public func shown(_ path: String) -> String {
        let home = WorkspaceRoot.realPath(userHome)
        if path == home { return "~" }
        return path.hasPrefix(home + "/") && home != "/" ? "~" + path.dropFirst(home.count) : path
    }
}
