import ArgumentParser
import Commands
import EventSchema
import Testing

private struct Tape: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tape", abstract: "Keeps work.",
        discussion: "First line.\n\n  tape rec -- make \\all\n\n.hidden 'quoted'",
        subcommands: [Record.self, Secret.self])

    struct Record: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Record it.")
        @Option(name: [.short, .customLong("title")], help: "Its title.") var title: String = "none"
        @Flag(name: .customLong("no-output"), help: "Leave out output.") var quiet = false
        @Argument(help: "What to run.") var command: [String] = []
    }

    struct Secret: ParsableCommand {
        static let configuration = CommandConfiguration(shouldDisplay: false)
    }
}

@Suite struct ManPageTests {
    private func page() throws -> String {
        try ManPage(
            toolInfo: Tape._dumpHelp(), version: "1.2", sections: [(title: "EXIT STATUS", text: "0 done")]
        ).roff
    }

    @Test func saysEveryVisibleCommandAndOption() throws {
        let page = try page()
        for line in [
            #".TH "TAPE" "1" "" "tape 1.2" "User Commands""#, #"tape \- Keeps work."#, ".SH \"COMMANDS\"",
            #".SS "tape record [\-\-title TITLE] [\-\-no\-output] [COMMAND ...]""#, "Record it.",
            #"\fB\-t, \-\-title TITLE\fR"#, "Its title. (default: none)", #"\fB\-\-no\-output\fR"#, "\\fBCOMMAND\\fR",
            ".SH \"EXIT STATUS\"", "0 done",
        ] {
            #expect(page.split(separator: "\n").contains { $0 == line }, "\(line)")
        }
        #expect(!page.contains("secret"))
    }

    @Test func takesNoTextForAMacro() throws {
        let page = try page()
        #expect(page.contains("\n\\&.hidden 'quoted'\n"))
        #expect(page.contains("\n.nf\n  tape rec \\-\\- make \\eall\n"))
    }

    @Test func refusesWhatDescribesNoCommand() {
        for text in ["", "{}", "[]", #"{"command":{}}"#, #"{"command":1}"#] {
            let error = #expect(throws: SchemaError.self) { try ManPage(toolInfo: text, version: "1") }
            #expect(error?.code == .malformed)
        }
    }
}
