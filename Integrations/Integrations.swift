/// The shell snippets and editor plug-ins, as they stand in this folder, carried inside the program.
public enum Integrations {
    /// For bash 4.4 and newer.
    public static var bash: [UInt8] { PackageResources.playhead_bash }
    /// For zsh 5.
    public static var zsh: [UInt8] { PackageResources.playhead_zsh }
    /// For fish 3.
    public static var fish: [UInt8] { PackageResources.playhead_fish }
    /// For Neovim 0.7 and newer: the plug-in and its modules in one file, which needs no runtime path.
    public static var neovim: [UInt8] {
        let modules: [(name: String, source: [UInt8])] = [
            ("cursor", PackageResources.cursor_lua), ("documents", PackageResources.documents_lua),
            ("link", PackageResources.link_lua), ("mirror", PackageResources.mirror_lua),
            ("opening", PackageResources.opening_lua), ("queue", PackageResources.queue_lua),
            ("shadow", PackageResources.shadow_lua), ("text", PackageResources.text_lua),
        ]
        let preloads = modules.map { module in
            Array("package.preload[\"playhead.\(module.name)\"] = function()\n".utf8) + module.source
                + Array("end\n\n".utf8)
        }
        return preloads.reduce([], +) + PackageResources.playhead_lua
    }
}
