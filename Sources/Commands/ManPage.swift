import EventSchema

/// A manual page in man(7)'s macros, made from what ArgumentParser says of a command tree (`Root._dumpHelp()`).
public struct ManPage: Sendable {
    private let tool: JSONValue
    private let version: String
    private let sections: [(title: String, text: String)]

    /// - Parameters:
    ///   - toolInfo: the JSON of ArgumentParser's `ToolInfoV0`.
    ///   - version: the program's, for the page's foot.
    ///   - sections: what follows the commands, such as EXIT STATUS and FILES; lines indented by spaces stay as they are.
    /// - Throws: `SchemaError(.malformed)` if the JSON is none or describes no command.
    public init(
        toolInfo: String, version: String, sections: [(title: String, text: String)] = []
    ) throws(SchemaError) {
        guard let command = try JSONReader.read(toolInfo.utf8)["command"], command["commandName"]?.string != nil else {
            throw SchemaError(.malformed, "no command", at: "command")
        }
        tool = command
        self.version = version
        self.sections = sections
    }

    /// The page.
    public var roff: String {
        var out = RoffText()
        let name = tool["commandName"]?.string ?? ""
        out.macro("TH", name.uppercased(), "1", "", "\(name) \(version)", "User Commands")
        out.macro("SH", "NAME")
        out.text("\(name) - \(tool["abstract"]?.string ?? "")")
        out.macro("SH", "SYNOPSIS")
        out.text(synopsis(of: tool, path: name))
        if let discussion = tool["discussion"]?.string {
            out.macro("SH", "DESCRIPTION")
            out.text(discussion)
        }
        let options = arguments(of: tool)
        if !options.isEmpty {
            out.macro("SH", "OPTIONS")
            for option in options { describe(option, in: &out) }
        }
        let verbs = subcommands(of: tool)
        if !verbs.isEmpty {
            out.macro("SH", "COMMANDS")
            for verb in verbs { describe(verb, path: name, in: &out) }
        }
        for section in sections {
            out.macro("SH", section.title)
            out.text(section.text)
        }
        return out.result
    }

    private func describe(_ command: JSONValue, path: String, in out: inout RoffText) {
        let path = "\(path) \(command["commandName"]?.string ?? "")"
        out.macro("SS", synopsis(of: command, path: path))
        if let abstract = command["abstract"]?.string { out.text(abstract) }
        if let discussion = command["discussion"]?.string {
            out.macro("PP")
            out.text(discussion)
        }
        for argument in arguments(of: command) where !Self.isEverywhere(argument) { describe(argument, in: &out) }
        for subcommand in subcommands(of: command) { describe(subcommand, path: path, in: &out) }
    }

    private func describe(_ argument: JSONValue, in out: inout RoffText) {
        out.macro("TP")
        let names = (argument["names"]?.array ?? []).map { Self.spelled($0) }
        let value = Self.value(of: argument)
        switch argument["kind"]?.string {
        case "positional": out.tag(value)
        case "option": out.tag(names.joined(separator: ", ") + " " + value)
        default: out.tag(names.joined(separator: ", "))
        }
        var text = argument["abstract"]?.string ?? ""
        if let preset = argument["defaultValue"]?.string, argument["kind"]?.string != "flag" {
            text += text.isEmpty ? "(default: \(preset))" : " (default: \(preset))"
        }
        if let discussion = argument["discussion"]?.string { text += text.isEmpty ? discussion : "\n" + discussion }
        out.text(text)
    }

    private func synopsis(of command: JSONValue, path: String) -> String {
        var words = [path]
        for argument in arguments(of: command) where !Self.isEverywhere(argument) {
            var word = Self.value(of: argument)
            if argument["kind"]?.string != "positional" {
                guard let name = argument["preferredName"].map(Self.spelled) else { continue }
                word = argument["kind"]?.string == "flag" ? name : "\(name) \(word)"
            }
            if argument["isRepeating"]?.bool == true { word += " ..." }
            words.append(argument["isOptional"]?.bool == true ? "[\(word)]" : word)
        }
        if !subcommands(of: command).isEmpty { words.append("COMMAND") }
        return words.joined(separator: " ")
    }

    private func arguments(of command: JSONValue) -> [JSONValue] {
        (command["arguments"]?.array ?? []).filter { $0["shouldDisplay"]?.bool != false }
    }

    private func subcommands(of command: JSONValue) -> [JSONValue] {
        (command["subcommands"]?.array ?? []).filter {
            $0["shouldDisplay"]?.bool != false && $0["commandName"]?.string != "help"
        }
    }

    private static func value(of argument: JSONValue) -> String {
        (argument["valueName"]?.string ?? "value").uppercased()
    }

    /// `--help` and `--version`, which every command has: said once, among the program's own options.
    private static func isEverywhere(_ argument: JSONValue) -> Bool {
        argument["names"]?.array?.contains { ["help", "version"].contains($0["name"]?.string) } == true
    }

    private static func spelled(_ name: JSONValue) -> String {
        (name["kind"]?.string == "long" ? "--" : "-") + (name["name"]?.string ?? "")
    }
}
