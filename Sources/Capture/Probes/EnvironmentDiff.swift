import EventSchema

/// What changed between two captures of an environment.
public enum EnvironmentDiff {
    /// The change; nil if nothing that is told did.
    ///
    /// A package with a new version or build is both removed and added.
    public static func between(_ old: EnvironmentCaptured, _ new: EnvironmentCaptured) -> EnvironmentChanged? {
        var change = EnvironmentChanged()
        let before = Set(old.packages)
        let after = Set(new.packages)
        change.added = new.packages.filter { !before.contains($0) }
        change.removed = old.packages.filter { !after.contains($0) }
        if old.gitHead != new.gitHead { change.gitHead = new.gitHead }
        if old.gitBranch != new.gitBranch { change.gitBranch = new.gitBranch }
        if old.gitDirty != new.gitDirty {
            change.gitDirty = new.gitDirty
            change.gitDirtyKnown = true
        }
        if old.condaEnvironment != new.condaEnvironment { change.condaEnvironment = new.condaEnvironment }
        if old.pythonVersion != new.pythonVersion { change.pythonVersion = new.pythonVersion }
        guard change != EnvironmentChanged() else { return nil }
        change.why = new.why
        return change
    }
}

/// Which commands may have changed the environment.
public enum EnvironmentTrigger {
    private static let programs: Set<String> = [
        "pip", "pipx", "conda", "mamba", "micromamba", "uv", "poetry", "pdm", "pipenv", "pixi", "rye", "hatch", "git",
        "gh", "hub", "jj",
        "source", ".", "activate", "deactivate", "pyenv", "virtualenv", "make", "tox", "nox",
    ]
    private static let prefixes: Set<String> = ["sudo", "env", "command", "time", "nice", "nohup", "exec", "builtin"]

    /// Whether a new capture is due after this command line.
    public static func isDue(after command: String) -> Bool {
        let parts = command.prefix(10_000).split {
            $0 == ";" || $0 == "|" || $0 == "&" || $0 == "\n" || $0 == "(" || $0 == ")"
        }
        return parts.contains { part in
            let words = part.split(whereSeparator: \.isWhitespace).map(String.init)
            let rest = words.drop { prefixes.contains($0) || $0.hasPrefix("-") || isAssignment($0) }
            guard let first = rest.first else { return false }
            let name = first.split(separator: "/").last.map(String.init) ?? first
            if programs.contains(name) || name.hasPrefix("pip3") || name.hasPrefix("activate") { return true }
            guard name.hasPrefix("python") else { return false }
            let module = rest.dropFirst()
            return module.first == "-m"
                && ["pip", "venv", "ensurepip", "uv", "conda"].contains(module.dropFirst().first ?? "")
        }
    }

    private static func isAssignment(_ word: String) -> Bool {
        guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { return false }
        return word[..<equals].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }
}
