import ArgumentParser
import Capture
import EventSchema
import Foundation

/// Records a workspace always.
struct OnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "on",
        abstract: "Record a workspace from now on, whenever an editor opens a file of it.",
        discussion: """
            Written down in $XDG_CONFIG_HOME/playhead/config.toml. Editors with the plug-in need no `playhead rec` there: the \
            first file they open begins a session, local only. `playhead rec` adds a terminal to it.

            Examples:
              playhead on
              playhead on ~/shop
            """)

    @Argument(help: "The workspace, or a folder or file in it; here if none is named.")
    var directory: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let settings = common.settings
        let workspace = try WorkspaceArgument.find(directory, settings)
        var always = try settings.recordedWorkspaces()
        let changed = try WorkspaceArgument.change(settings) { () throws(ConfigError) in try always.turnOn(workspace) }
        let hidden = PrivateNames.find(in: workspace)
        if common.json {
            common.output.json([
                "workspace": .string(workspace), "on": true, "changed": .bool(changed),
                "private": .array(hidden.map(JSONValue.string)),
            ])
            return
        }
        let name = settings.shown(workspace)
        let state = changed ? "is recorded from now on" : "is recorded already"
        common.output.message(
            """
            [rec] \(name) \(state): what editors open, edit and save. Local only.
                  private here: \(PrivateNames.listed(hidden))
                  commands and output too: playhead rec  break: playhead pause 15m  end: playhead off
            """)
        let plugin = "\(settings.dataDirectory)/nvim/site/plugin/playhead.lua"
        if !FileManager.default.fileExists(atPath: plugin) {
            common.output.message(
                "      Neovim needs its plug-in once: playhead init nvim > \(settings.shown(plugin))")
        }
    }
}

/// Ends what `on` began.
struct OffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "off",
        abstract: "Record a workspace no more by itself.",
        discussion: """
            What was recorded stays. A terminal of `playhead rec` goes on until it is left.

            Example:  playhead off ~/shop
            """)

    @Argument(help: "The workspace, or a folder or file in it; here if none is named.")
    var directory: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let settings = common.settings
        let workspace = try WorkspaceArgument.find(directory, settings)
        var always = try settings.recordedWorkspaces()
        let changed = try WorkspaceArgument.change(settings) { () throws(ConfigError) in try always.turnOff(workspace) }
        let client = try? AgentClient(settings.agent, starting: false, patience: .seconds(5))
        let ended = try? client?.ask(["do": "end", "workspace": .string(workspace)])["ended"]?.array ?? []
        let open = try? client?.ask(["do": "find", "path": .string(workspace)])["short"]?.string
        if common.json {
            common.output.json([
                "workspace": .string(workspace), "on": false, "changed": .bool(changed), "ended": .array(ended ?? []),
            ])
            return
        }
        let name = settings.shown(workspace)
        common.output.message(
            changed
                ? "[rec] \(name) is not recorded by itself any more. What was recorded stays: playhead ls"
                : "[rec] \(name) was not on; `playhead on` records it from now on")
        if let open {
            common.output.message("      A terminal still records session \(open) here; `exit` in it ends that")
        }
    }
}

/// The workspace that an argument of `on` and `off` means.
enum WorkspaceArgument {
    static func find(_ argument: String?, _ settings: Settings) throws -> String {
        let path = argument ?? settings.workingDirectory
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(.missing, "there is no \(path)")
        }
        var isDirectory: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        let real = WorkspaceRoot.realPath(path)
        return WorkspaceRoot.find(
            of: real, start: isDirectory.boolValue ? real : URL(fileURLWithPath: real).deletingLastPathComponent().path)
    }

    /// A change of the configuration; what is wrong with it is said with the file's name.
    static func change<R>(_ settings: Settings, _ body: () throws(ConfigError) -> R) throws -> R {
        do throws(ConfigError) { return try body() } catch {
            let status: CommandFailure.Status = error.code == .unwritable ? .cannotWrite : .badData
            throw CommandFailure(status, "\(settings.configuration), \(error)")
        }
    }
}

extension Settings {
    /// What is always recorded.
    func recordedWorkspaces() throws -> RecordedWorkspaces {
        try WorkspaceArgument.change(self) { () throws(ConfigError) in try RecordedWorkspaces(file: configuration) }
    }
}

/// What in a workspace is private, as far as a look at its top level tells.
enum PrivateNames {
    static func find(in workspace: String) -> [String] {
        let rules = IgnoreRules(root: workspace)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: workspace)) ?? []
        return names.sorted().filter { $0 != ".git" }.compactMap { name in
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(workspace)/\(name)", isDirectory: &isDirectory)
            let sample = isDirectory.boolValue ? "\(name)/file" : name
            return rules.isPrivate(sample) == nil ? nil : isDirectory.boolValue ? name + "/" : name
        }
    }

    static func listed(_ names: [String]) -> String {
        guard !names.isEmpty else { return "nothing yet; .env, keys and what .playheadignore names would be" }
        let shown = names.prefix(8).map(EventLine.printable).joined(separator: " ")
        return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
    }
}
