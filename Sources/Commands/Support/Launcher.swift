import ArgumentParser
import Foundation

/// Runs a program's verbs: completes their names, and turns every failure into a message and an exit status.
public enum Launcher {
    /// Runs the program as it was called; a link named `publisher`, `archiver` or `subscriber` is that program.
    public static func main() -> Never {
        let arguments = CommandLine.arguments
        let name = arguments.first.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "playhead"
        switch name {
        case "publisher": run(PublisherCommand.self, Array(arguments.dropFirst()))
        case "archiver": run(ArchiverCommand.self, Array(arguments.dropFirst()))
        case "subscriber": run(SubscriberCommand.self, Array(arguments.dropFirst()))
        default: run(PlayheadCommand.self, Array(arguments.dropFirst()))
        }
    }

    private static func run<Root: ParsableCommand>(_ root: Root.Type, _ arguments: [String]) -> Never {
        signal(SIGPIPE, SIG_IGN)
        do {
            let arguments = try VerbNames(of: root).completed(arguments)
            var command = try root.parseAsRoot(arguments)
            try command.run()
        } catch let error where Root.exitCode(for: error).rawValue == 0 || isArgumentParsers(error) {
            root.exit(withError: error)
        } catch {
            let failure = CommandFailure(error)
            if !failure.message.isEmpty { Output.error("playhead: \(failure.message)") }
            exit(failure.exitStatus)
        }
        exit(0)
    }

    /// Whether ArgumentParser made the error, so that its own message with the usage is the best there is.
    private static func isArgumentParsers(_ error: any Error) -> Bool {
        error is ValidationError || error is ExitCode || error is CleanExit
            || String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
    }
}

/// The verbs of a program, and what a person may have meant.
struct VerbNames {
    private let names: [String]

    init(of root: any ParsableCommand.Type) {
        let groups = root.configuration.groupedSubcommands.flatMap { $0.subcommands }
        let all = root.configuration.ungroupedSubcommands + groups
        names = all.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
    }

    init(names: [String]) { self.names = names }

    /// The arguments with an abbreviated verb written out.
    ///
    /// - Throws: `CommandFailure(.usage)` for a verb that is none, or may be several.
    func completed(_ arguments: [String]) throws -> [String] {
        guard let verb = arguments.first, !verb.hasPrefix("-"), verb != "help", !names.contains(verb) else {
            return arguments
        }
        guard verb.allSatisfy({ $0.isLetter || $0 == "-" }) else { return arguments }
        let fitting = names.filter { $0.hasPrefix(verb) }
        if fitting.count == 1 { return [fitting[0]] + arguments.dropFirst() }
        if fitting.count > 1 {
            throw CommandFailure(.usage, "'\(verb)' may be \(fitting.sorted().joined(separator: ", "))")
        }
        if verb.hasPrefix("generate-") || verb == "agent" || verb == "editor" { return arguments }
        let near = names.map { (Self.distance(verb, $0), $0) }.min { $0.0 < $1.0 }
        let hint = near.flatMap { $0.0 <= 2 ? "; did you mean '\($0.1)'?" : nil } ?? ""
        throw CommandFailure(.usage, "there is no verb '\(verb)'\(hint) `playhead --help` lists them")
    }

    /// How many letters must be changed, put in or left out to make one word of the other.
    private static func distance(_ a: String, _ b: String) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var before = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let here = x == y ? before : 1 + min(before, row[j], row[j + 1])
                before = row[j + 1]
                row[j + 1] = here
            }
        }
        return row[b.count]
    }
}
