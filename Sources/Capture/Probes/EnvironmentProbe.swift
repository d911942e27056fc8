import EventSchema
import Foundation
import Glibc

/// Captures the environment of a piece of work: git, Python and its packages, conda, a few variables, the system.
///
/// It runs programs and reads files, seconds in the worst case: it belongs on a thread of its own.
public struct EnvironmentProbe: Sendable {
    /// The variables that are taken; none of them holds a secret by its nature.
    public static let variables: Set<String> = [
        "CONDA_DEFAULT_ENV", "CONDA_PREFIX", "VIRTUAL_ENV", "PYENV_VERSION", "PYTHONPATH", "PYTHONHOME", "LANG",
        "LANGUAGE", "LC_ALL",
        "LC_CTYPE", "TZ", "SHELL", "TERM", "COLORTERM", "EDITOR", "VISUAL", "PATH", "LD_LIBRARY_PATH", "JAVA_HOME",
        "GOPATH", "CC", "CXX",
        "CFLAGS", "LDFLAGS", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "NODE_ENV",
    ]
    static let longestValue = 8192

    /// Masks what looks like a secret in a value all the same.
    public typealias Mask = @Sendable ([UInt8]) -> [UInt8]

    private let directory: String
    private let environment: [String: String]
    private let mask: Mask

    /// - Parameters:
    ///   - directory: the workspace.
    ///   - environment: of the shell that works there.
    public init(directory: String, environment: [String: String], mask: @escaping Mask) {
        self.directory = directory
        self.environment = environment
        self.mask = mask
    }

    /// Captures now.
    ///
    /// - Parameter why: `start`, `end`, or the command that may have changed it.
    public func capture(why: String) -> EnvironmentCaptured {
        var captured = EnvironmentCaptured()
        captured.why = String(decoding: mask(Array(why.prefix(1000).utf8)), as: UTF8.self)
        if let git = GitState.read(directory, environment: environment) { Self.take(git, into: &captured) }
        if let python = PythonState.read(environment: environment) {
            captured.pythonPath = Data(python.path.utf8)
            captured.pythonVersion = python.version
            captured.packages = python.packages
        }
        if let prefix = environment["CONDA_PREFIX"], prefix.hasPrefix("/") {
            captured.condaPrefix = Data(prefix.utf8)
            captured.condaEnvironment = environment["CONDA_DEFAULT_ENV"] ?? ""
            let conda = CondaState.packages(prefix: prefix)
            let names = Set(conda.map(\.name))  // Python lists conda's own packages, too
            captured.packages = (conda + captured.packages.filter { !names.contains($0.name) }).sorted {
                $0.name < $1.name
            }
        }
        captured.variables = environment.filter { Self.variables.contains($0.key) }.sorted { $0.key < $1.key }.map {
            name, value in
            var variable = Variable()
            variable.name = name
            variable.value = Data(mask(Array(value.utf8.prefix(Self.longestValue))))
            return variable
        }
        captured.system = Self.system()
        return captured
    }

    /// An earlier capture with the repository as it is now.
    ///
    /// - Parameter limit: it is left as it was where git takes longer.
    public func capture(repositoryOf before: EnvironmentCaptured, why: String, limit: Duration) -> EnvironmentCaptured {
        var captured = before
        captured.why = why
        if let git = GitState.read(directory, environment: environment, limit: limit) {
            Self.take(git, into: &captured)
        }
        return captured
    }

    private static func take(_ git: GitState, into captured: inout EnvironmentCaptured) {
        captured.gitHead = git.head
        captured.gitBranch = git.branch
        captured.gitDirty = git.dirty.map { Data($0) }
    }

    /// As `/etc/os-release` and the kernel call themselves: `Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64`.
    static func system() -> String {
        let release = FileManager.default.contents(atPath: "/etc/os-release").map {
            String(decoding: $0.prefix(10_000), as: UTF8.self)
        }
        let pretty = release?.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        let name = pretty.map { $0.dropFirst(12).filter { $0 != "\"" } } ?? ""
        return [name, Machine.kernel].filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
