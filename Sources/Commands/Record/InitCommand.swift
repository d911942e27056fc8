import ArgumentParser
import Integrations

/// Prints an integration.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Print the integration of a shell or an editor.",
        discussion: """
            `playhead rec` loads the shells' by itself. Neovim's goes into its plug-in directory once. Emacs' follows \
            teammates (M-x playhead-follow) and records nothing:

              playhead init nvim > ~/.local/share/nvim/site/plugin/playhead.lua
              playhead init emacs > ~/.emacs.d/playhead.el
                in init.el: (load "~/.emacs.d/playhead")
              eval "$(playhead init bash)"
            """)

    enum Host: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish, nvim, emacs
    }

    @Argument(help: "bash, zsh, fish, nvim or emacs.")
    var host: Host

    func run() throws {
        let bytes =
            switch host {
            case .bash: Integrations.bash
            case .zsh: Integrations.zsh
            case .fish: Integrations.fish
            case .nvim: Integrations.neovim
            case .emacs: Integrations.emacs
            }
        Output().bytes(bytes)
    }
}
