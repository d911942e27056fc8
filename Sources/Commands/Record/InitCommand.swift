import ArgumentParser
import Integrations

/// Prints an integration.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Print the integration of a shell or an editor.",
        discussion: """
            `playhead rec` loads the shells' by itself. Neovim's goes into its plug-in directory once:

              playhead init nvim > ~/.local/share/nvim/site/plugin/playhead.lua
              eval "$(playhead init bash)"
            """)

    enum Host: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish, nvim
    }

    @Argument(help: "bash, zsh, fish or nvim.")
    var host: Host

    func run() throws {
        let bytes =
            switch host {
            case .bash: Integrations.bash
            case .zsh: Integrations.zsh
            case .fish: Integrations.fish
            case .nvim: Integrations.neovim
            }
        Output().bytes(bytes)
    }
}
