import Capture
import EventSchema
import Testing

/// Real shells at their prompts, in a real terminal.
@Suite struct RecordedShellTests {
    static let script = """
        echo hi; true
        false
         echo hidden words
        sh -c 'exit 7'
        nosuchcommand
        echo 'two
        lines; "é🎉" \\x3b'
        true | false | sh -c 'exit 2'
        sh -c 'kill -INT $$'
        cd /
        false
        false
        exit 3

        """

    @Test(arguments: ["/bin/bash", "/usr/bin/zsh", "/usr/bin/fish"])
    func commandsAndStatuses(shell: String) async throws {
        let (sink, status) = try await Recording.shell(shell, typing: Self.script)
        let name = String(shell.split(separator: "/").last ?? "")
        #expect(status == .exited(3))
        let commands = sink.commands
        let texts = commands.map(\.text)
        #expect(
            texts == [
                "echo hi; true", "false", "", "sh -c 'exit 7'", "nosuchcommand", "echo 'two\nlines; \"é🎉\" \\x3b'",
                "true | false | sh -c 'exit 2'", "sh -c 'kill -INT $$'", "cd /", "false", "false", "exit 3",
            ], "\(sink.outputText)")
        guard commands.count == 12 else { return }
        #expect(commands.map(\.status) == [0, 1, 0, 7, 127, 0, 2, 130, 0, 1, 1, 3])
        #expect(commands.map(\.started.private) == commands.map(\.text.isEmpty))
        #expect(commands[6].finished?.pipeStatus == [0, 1, 2])
        #expect(commands.allSatisfy { $0.started.shell == name })
        #expect(commands[9].started.directory == commands[8].finished?.directory)
        #expect(commands[8].finished?.directory == Array("/".utf8).withUnsafeBytes { .init($0) })
        // The echo of zsh reads the escape.
        let escape = name == "zsh" ? ";" : "\\x3b"
        let shown = sink.output(of: commands[5])
        #expect(shown.hasSuffix("two\r\nlines; \"é🎉\" \(escape)\r\n"))
        #expect(!sink.outputText.contains("\u{1b}]633"))
        #expect(sink.outputText.contains("[rec] "))
    }

    @Test func aDebianBashKeepsItsOwnSettings() async throws {
        let rc = """
            HISTCONTROL=ignoreboth
            PS1='mine> '
            PS0='<ps0>'
            PROMPT_COMMAND='echo status:$?'
            """
        let script = " echo hidden\necho a\necho a\nsh -c 'exit 5'\n echo hidden\nexit\n"
        let (sink, _) = try await Recording.shell("/bin/bash", typing: script, startFile: (".bashrc", rc))
        #expect(sink.commands.map(\.text) == ["", "echo a", "echo a", "sh -c 'exit 5'", "", "exit"])
        for words in ["[rec] mine> ", "status:5\r\n", "<ps0>a\r\n"] { #expect(sink.outputText.contains(words)) }
    }

    @Test func zshFindsThePersonsOwnFiles() async throws {
        let rc = "PS1='mine> '\nprecmd() { print status:$? }\nalias greet='echo hello'\n"
        let (sink, status) = try await Recording.shell(
            "/usr/bin/zsh", typing: "greet $ZDOTDIR.\n(exit 4)\nexit 0\n", startFile: (".zshrc", rc))
        #expect(status == .exited(0))
        for words in ["[rec] mine> ", "hello .\r\n", "status:4\r\n"] { #expect(sink.outputText.contains(words)) }
    }

    @Test func fishKeepsItsPrompt() async throws {
        let rc = "function fish_prompt; echo -n \"mine:$status> \"; end\n"
        let (sink, _) = try await Recording.shell(
            "/usr/bin/fish", typing: "sh -c 'exit 6'\nexit 0\n", startFile: (".config/fish/config.fish", rc))
        #expect(sink.outputText.contains("[rec] "))
        #expect(sink.outputText.contains("mine:6> "))
    }

    @Test func theEndOfTheInputEndsTheShell() async throws {
        let (sink, status) = try await Recording.shell("/bin/bash", typing: "echo one\necho two")
        #expect(status == .exited(0))
        #expect(sink.commands.map(\.text) == ["echo one", "echo two"])
    }
}
