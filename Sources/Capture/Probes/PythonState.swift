import EventSchema
import Foundation
import Glibc

/// The Python that a shell with this environment would run, and what is installed in it.
struct PythonState {
    var path: String
    var version = ""
    var packages: [Package] = []

    static let mostPackages = 5000

    /// Asks the interpreter itself once: it alone knows all its places.
    private static let question = """
        import sys, platform
        print(platform.python_version())
        try:
            from importlib.metadata import distributions
        except ImportError:
            sys.exit(0)
        seen = set()
        for d in distributions():
            try:
                name, version = d.metadata["Name"], d.version
            except Exception:
                continue
            if name and name not in seen and len(seen) < 5000:
                seen.add(name)
                print(str(name).replace("\\n", " ") + "\\t" + str(version).replace("\\n", " "))
        """

    static func read(environment: [String: String]) -> PythonState? {
        guard let path = interpreter(environment) else { return nil }
        var quiet = environment
        quiet["PYTHONIOENCODING"] = "utf-8:replace"
        quiet["PYTHONDONTWRITEBYTECODE"] = "1"
        quiet["PYTHONSTARTUP"] = nil
        let output = QuickCommand.output(of: path, ["-c", question], in: "/", environment: quiet, limit: .seconds(10))
        return output.map { parse($0, path: path) } ?? PythonState(path: path)
    }

    static func parse(_ output: [UInt8], path: String) -> PythonState {
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        var state = PythonState(path: path, version: lines.first.map { String($0.prefix(100)) } ?? "")
        var byName: [String: Package] = [:]
        for line in lines.dropFirst().prefix(mostPackages) {
            let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            var package = Package()
            package.name = PackageName.normalized(String(parts[0].prefix(200)))
            package.version = parts.count > 1 ? String(parts[1].prefix(100)) : ""
            package.manager = "pip"
            if byName[package.name] == nil { byName[package.name] = package }
        }
        state.packages = byName.values.sorted { $0.name < $1.name }
        return state
    }

    static func interpreter(_ environment: [String: String]) -> String? {
        let homes = [environment["VIRTUAL_ENV"], environment["CONDA_PREFIX"]].compactMap { $0 }.filter {
            $0.hasPrefix("/")
        }
        let fixed = homes.map { $0 + "/bin/python" }.first { access($0, X_OK) == 0 }
        let path = environment["PATH"] ?? "/usr/bin:/bin"
        return fixed ?? QuickCommand.find("python", path: path) ?? QuickCommand.find("python3", path: path)
    }
}

/// Names of packages, so that they compare.
public enum PackageName {
    /// As PEP 503 has it: lower case, runs of `-`, `_` and `.` are one `-`.
    public static func normalized(_ name: String) -> String {
        var result = ""
        for character in name.lowercased() {
            if character == "-" || character == "_" || character == "." {
                if result.last != "-" { result.append("-") }
            } else {
                result.append(character)
            }
        }
        return result
    }
}
