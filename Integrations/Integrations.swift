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
            ("follow", PackageResources.follow_lua), ("leader", PackageResources.leader_lua),
            ("marks", PackageResources.marks_lua), ("pages", PackageResources.pages_lua),
            ("tether", PackageResources.tether_lua), ("view", PackageResources.view_lua),
        ]
        let preloads = modules.map { module in
            Array("package.preload[\"playhead.\(module.name)\"] = function()\n".utf8) + module.source
                + Array("end\n\n".utf8)
        }
        // The recording part may return at its top.
        return preloads.reduce([], +) + PackageResources.playhead_follow_lua + PackageResources.playhead_lua
    }
    /// For Emacs 28 and newer: following a leader, in one file.
    public static var emacs: [UInt8] {
        let parts = [
            PackageResources.playhead_tether_el, PackageResources.playhead_page_el, PackageResources.playhead_follow_el,
        ]
        // They are all here: what one needs of another is not looked for.
        let needs = Array("(require 'playhead-".utf8)
        let lines = parts.joined().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return Array(lines.filter { !$0.starts(with: needs) }.joined(separator: [UInt8(ascii: "\n")]))
    }
}
