import Capture
import EventSchema
import Foundation
import Testing

@Suite struct EnvironmentProbeTests {
    private func run(_ arguments: [String], in directory: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(arguments)")
    }

    private let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    private let identity = ["-c", "user.name=a", "-c", "user.email=a@b"]

    @Test("a real repository: head, branch, changed files; and what a commit changes")
    func git() throws {
        let directory = try TestDirectory()
        try run(["git", "init", "-q", "-b", "haupt"], in: directory.path)
        try directory.write("ä b.txt", "1".utf8)
        let probe = EnvironmentProbe(directory: directory.path, environment: ["PATH": path, "HOME": directory.path]) {
            $0
        }
        let first = probe.capture(why: "start")
        #expect(first.gitBranch == "haupt" && first.gitHead.isEmpty)
        #expect(first.gitDirty == [Data("ä b.txt".utf8)])
        try run(["git"] + identity + ["add", "."], in: directory.path)
        try run(["git"] + identity + ["commit", "-qm", "x"], in: directory.path)
        try run(["git", "mv", "ä b.txt", "c.txt"], in: directory.path)
        let second = probe.capture(why: "git commit")
        #expect(second.gitHead.count == 40 && second.gitDirty == [Data("c.txt".utf8)])
        let change = try #require(EnvironmentDiff.between(first, second))
        #expect(change.gitHead == second.gitHead && change.gitDirtyKnown && change.why == "git commit")
        #expect(!change.hasGitBranch && change.added.isEmpty)
        #expect(EnvironmentDiff.between(second, probe.capture(why: "end")) == nil)
        #expect(second.system.contains("Linux"))
        try directory.write("d.txt", "2".utf8)
        let third = probe.capture(repositoryOf: second, why: "end", limit: .seconds(20))
        #expect(third.gitDirty == [Data("c.txt".utf8), Data("d.txt".utf8)] && third.system == second.system)
    }

    @Test("a real virtual environment: its interpreter and its packages")
    func python() throws {
        let directory = try TestDirectory()
        try run(["python3", "-m", "venv", "--without-pip", "v"], in: directory.path)
        let library = try #require(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/v/lib").first)
        let site = "v/lib/\(library)/site-packages"
        try directory.write(
            "\(site)/Demo_Pkg.x-1.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: Demo_Pkg.x\nVersion: 1.2\n".utf8)
        try directory.write("\(site)/broken-1.dist-info/METADATA", "nonsense".utf8)
        let environment = [
            "PATH": path, "VIRTUAL_ENV": directory.path + "/v", "AWS_SECRET_ACCESS_KEY": "x", "LANG": "C",
        ]
        let captured = EnvironmentProbe(directory: directory.path, environment: environment) { $0 }.capture(
            why: "start")
        #expect(captured.pythonPath == Data((directory.path + "/v/bin/python").utf8))
        #expect(captured.pythonVersion.hasPrefix("3."))
        #expect(captured.packages.contains { $0.name == "demo-pkg-x" && $0.version == "1.2" && $0.manager == "pip" })
        #expect(captured.variables.map(\.name) == ["LANG", "PATH", "VIRTUAL_ENV"])
    }

    @Test("a conda prefix: packages of whole, poor and hostile records; tokens of channels are gone")
    func conda() throws {
        let directory = try TestDirectory()
        let whole =
            #"{"name":"demo-lib","version":"1.2.0","build":"h1_0","channel":"https://u:pw@conda.example/t/tk-123/main/linux-64"}"#
        try directory.write("e/conda-meta/demo-lib-1.2.0-h1_0.json", whole.utf8)
        try directory.write("e/conda-meta/poor-name-2.0-py_1.json", "{}".utf8)
        try directory.write("e/conda-meta/odd.json", #"{"name":17,"version":null}"#.utf8)
        try directory.write("e/conda-meta/deep.json", String(repeating: "[", count: 100_000).utf8)
        try directory.write("e/conda-meta/bytes.json", [0xFF, 0x00])
        try directory.write("e/conda-meta/history", "".utf8)
        let environment = ["PATH": "/nonexistent", "CONDA_PREFIX": directory.path + "/e", "CONDA_DEFAULT_ENV": "e"]
        let captured = EnvironmentProbe(directory: directory.path, environment: environment) { $0 }.capture(
            why: "start")
        #expect(captured.condaEnvironment == "e")
        #expect(captured.packages.map(\.name) == ["demo-lib", "poor-name"])
        #expect(
            captured.packages.map(\.version) == ["1.2.0", "2.0"] && captured.packages.map(\.build) == ["h1_0", "py_1"])
        #expect(captured.packages[0].channel == "https://conda.example/t/*/main/linux-64")
        var newer = captured
        newer.packages[0].version = "1.3.0"
        let change = try #require(EnvironmentDiff.between(captured, newer))
        #expect(change.added.map(\.version) == ["1.3.0"] && change.removed.map(\.version) == ["1.2.0"])
    }

    @Test("which commands call for a new capture")
    func triggers() {
        for command in [
            "pip install x", "conda activate e", "FOO=1 sudo pip3.11 install y", "cd a && git checkout b",
            "python3 -m pip install z",
            ". venv/bin/activate", "/usr/bin/git pull", "(uv sync)", "mamba install q", "poetry add r",
        ] {
            #expect(EnvironmentTrigger.isDue(after: command), "\(command)")
        }
        for command in ["ls", "python3 a.py", "echo pip", "vim git.txt", "", "grep conda x", "python -m http.server"] {
            #expect(!EnvironmentTrigger.isDue(after: command), "\(command)")
        }
    }
}
