/// The shell snippets and editor plug-ins, as they stand in this folder, carried inside the program.
public enum Integrations {
    /// For bash 4.4 and newer.
    public static var bash: [UInt8] { PackageResources.playhead_bash }
    /// For zsh 5.
    public static var zsh: [UInt8] { PackageResources.playhead_zsh }
    /// For fish 3.
    public static var fish: [UInt8] { PackageResources.playhead_fish }
    /// For Neovim 0.7 and newer.
    public static var neovim: [UInt8] { PackageResources.playhead_lua }
}
