import Foundation
import Integrations

/// How a shell is started so that it tells of its commands, without a change to the person's own files.
public struct ShellLaunch: Sendable, Hashable {
    public var launch: Launch
    /// `bash`, `zsh`, `fish`, or the program's name.
    public var shell: String
    /// What is run, if not a shell at its prompt: for `RecorderOptions.command`.
    public var command: String?
    /// Files that must be there while the shell runs, by their names in the private directory.
    public var files: [String: [UInt8]] = [:]

    /// The person's shell: `SHELL`, else `/bin/sh`.
    public static func shell(of environment: [String: String]) -> String {
        let shell = environment["SHELL"] ?? ""
        return shell.isEmpty ? "/bin/sh" : shell
    }

    /// A shell at its prompt. bash, zsh and fish read our marks after the person's own start files; others do without.
    ///
    /// - Parameter directory: a private directory (0700) for `files`.
    public static func interactive(
        _ path: String, environment: [String: String], directory: String
    ) -> ShellLaunch {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        var result = ShellLaunch(launch: Launch([path], environment: environment), shell: name)
        switch name {
        case "bash":
            result.files = ["bashrc": bashrc(directory), "playhead.bash": Integrations.bash]
            result.launch.arguments = [path, "--rcfile", directory + "/bashrc", "-i"]
        case "zsh":
            result.files = [
                ".zshenv": Array(zshenv.utf8), ".zshrc": zshrc(directory), "playhead.zsh": Integrations.zsh,
            ]
            result.launch.environment["PLAYHEAD_ZDOTDIR"] = environment["ZDOTDIR"] ?? ""
            result.launch.environment["PLAYHEAD_SHELL_FILES"] = directory
            result.launch.environment["ZDOTDIR"] = directory
            result.launch.arguments = [path, "-i"]
        case "fish":
            result.files = ["playhead.fish": Integrations.fish]
            result.launch.arguments = [path, "-i", "--init-command", "source \(quoted(directory + "/playhead.fish"))"]
        default: break
        }
        return result
    }

    /// A command line for the person's shell (`rec -c`).
    public static func line(_ line: String, shell path: String, environment: [String: String]) -> ShellLaunch {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return ShellLaunch(launch: Launch([path, "-c", line], environment: environment), shell: name, command: line)
    }

    /// A program and its arguments (`rec -- COMMAND…`).
    public static func program(_ arguments: [String], environment: [String: String]) -> ShellLaunch {
        let text = arguments.map { isPlain($0) ? $0 : quoted($0) }.joined(separator: " ")
        return ShellLaunch(launch: Launch(arguments, environment: environment), shell: "", command: text)
    }

    /// Writes the files; the directory must be there.
    public func writeFiles(to directory: String) throws {
        for (name, bytes) in files {
            try Data(bytes).write(to: URL(fileURLWithPath: directory).appendingPathComponent(name))
        }
    }

    private static func bashrc(_ directory: String) -> [UInt8] {
        Array("[ -r ~/.bashrc ] && . ~/.bashrc\n. \(quoted(directory + "/playhead.bash"))\n".utf8)
    }

    // Each file gives way to the person's own one, which may move ZDOTDIR once more.
    private static let zshenv = """
        if [[ -n $PLAYHEAD_ZDOTDIR ]]; then ZDOTDIR=$PLAYHEAD_ZDOTDIR; else unset ZDOTDIR; fi
        [[ -r ${ZDOTDIR:-$HOME}/.zshenv ]] && source "${ZDOTDIR:-$HOME}/.zshenv"
        PLAYHEAD_ZDOTDIR=${ZDOTDIR-}
        ZDOTDIR=$PLAYHEAD_SHELL_FILES

        """

    private static func zshrc(_ directory: String) -> [UInt8] {
        Array(
            """
            if [[ -n $PLAYHEAD_ZDOTDIR ]]; then ZDOTDIR=$PLAYHEAD_ZDOTDIR; else unset ZDOTDIR; fi
            unset PLAYHEAD_ZDOTDIR PLAYHEAD_SHELL_FILES
            [[ -r ${ZDOTDIR:-$HOME}/.zshrc ]] && source "${ZDOTDIR:-$HOME}/.zshrc"
            source \(quoted(directory + "/playhead.zsh"))

            """.utf8)
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }

    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                    || "_-./=:@%+,".utf8.contains(byte)
            }
    }
}
