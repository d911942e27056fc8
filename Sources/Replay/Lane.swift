/// A kind of thing that can be watched alone.
public enum Lane: Sendable, Hashable {
    case edits, output, commands, files, environment, notes
    /// The documents whose path fits.
    case file(Glob)
    /// The terminals of a shell or title.
    case terminal(String)

    /// The lane of a name in an option: one of the six words, `terminal:NAME`, else a file pattern.
    public init(_ name: String) {
        switch name {
        case "edits": self = .edits
        case "output": self = .output
        case "commands": self = .commands
        case "files": self = .files
        case "env", "environment": self = .environment
        case "notes": self = .notes
        default:
            if name.hasPrefix("terminal:") {
                self = .terminal(String(name.dropFirst("terminal:".count)))
            } else {
                self = .file(Glob(name))
            }
        }
    }
}
