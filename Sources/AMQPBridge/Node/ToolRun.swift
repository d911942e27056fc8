import Foundation

/// One run of a tool to its end, with what it said. Its streams are files of a private directory that is removed.
struct ToolRun: Sendable {
    var status: Int32
    var output: String
    var error: String

    /// - Parameter arguments: the program's path first. Nothing secret: every account sees them; use `input`.
    /// - Throws: `NodeError`: `.files`, `.failed` if it cannot be started, `.timeout`.
    static func run(
        _ arguments: [String], environment: [String: String], input: String = "", limit: Duration
    ) throws(NodeError) -> ToolRun {
        let directory = FileManager.default.temporaryDirectory.path + "/playhead-tool-\(RandomText.make(12))"
        try NodeFiles.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try NodeFiles.write(input, directory + "/in")
        let status = try NodeProcess.run(
            arguments, environment: environment, directory: "/", input: directory + "/in", output: directory + "/out",
            error: directory + "/err", limit: limit)
        func text(_ name: String) -> String {
            String(decoding: FileManager.default.contents(atPath: "\(directory)/\(name)") ?? Data(), as: UTF8.self)
        }
        return ToolRun(status: status, output: text("out"), error: text("err"))
    }
}
