import Foundation

/// `bench [--smoke] [ROW…]`: measures the rows, or those named, and prints a table.
@main struct Bench {
    static let rows: [any Row & Sendable] = [
        DocumentEngine(), SealedApply(), TraceSize(), LiveAppend(), EditSeek(), TerminalEmulator(), TerminalSeek(),
        RecorderOverhead(), ShellHook(), Publish(), Drain(), Steady(), Searchable(), FollowLatency(), Crowd(),
        Backlog(), People(),
    ]

    static func main() throws {
        var words = Array(CommandLine.arguments.dropFirst())
        if words.first == "--role" { return try Role.run(Array(words.dropFirst())) }
        let smoke = words.contains("--smoke")
        words.removeAll { $0 == "--smoke" }
        let chosen = words.isEmpty ? rows : rows.filter { words.contains($0.name) }
        guard words.allSatisfy({ word in rows.contains { $0.name == word } }) else {
            say("rows: \(rows.map(\.name).joined(separator: " "))")
            exit(64)
        }
        let lab = try Lab(smoke: smoke)
        defer { lab.cleanUp() }
        var failures = 0
        print(Line.heading)
        for row in chosen {
            do {
                for line in try row.measure(lab) { print(line.markdown) }
                fflush(nil)
            } catch let error as NotMeasured {
                print("| \(row.title) | not measured: \(error.reason) | | | \(row.goal) | |")
                if !error.expected { failures += 1 }
            } catch {
                print("| \(row.title) | failed: \(error) | | | \(row.goal) | |")
                failures += 1
            }
        }
        print("\n\(lab.conditions)")
        if failures > 0 { exit(1) }
    }

    static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
