/// One line of a gitignore file, as gitignore(5) describes it.
public struct IgnorePattern: Sendable, Equatable {
    /// A match takes the file out of what earlier patterns ignored.
    public var isNegated: Bool
    /// Matches directories only.
    public var directoryOnly: Bool
    /// Matches the whole path below its file's directory, not just a name.
    private var isAnchored: Bool
    private var glob: [UInt8]
    public var text: String

    /// The pattern of a line; nil for blank lines and comments.
    public init?(line: some StringProtocol) {
        var bytes = Array(line.utf8)
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        while bytes.last == UInt8(ascii: " ") {  // trailing spaces go, unless one is quoted
            let backslashes = bytes.dropLast().reversed().prefix { $0 == UInt8(ascii: "\\") }.count
            if backslashes % 2 == 1 { break }
            bytes.removeLast()
        }
        guard let first = bytes.first, first != UInt8(ascii: "#") else { return nil }
        text = String(decoding: bytes, as: UTF8.self)
        isNegated = first == UInt8(ascii: "!")
        if isNegated { bytes.removeFirst() }
        directoryOnly = bytes.last == UInt8(ascii: "/")
        if directoryOnly { bytes.removeLast() }
        isAnchored = bytes.contains(UInt8(ascii: "/"))
        if bytes.first == UInt8(ascii: "/") { bytes.removeFirst() }
        guard !bytes.isEmpty else { return nil }
        glob = bytes
    }

    /// Whether the pattern is for this file or directory.
    ///
    /// - Parameter path: relative to the directory of the pattern's file, without a slash at its ends.
    public func matches(_ path: [UInt8], isDirectory: Bool) -> Bool {
        if directoryOnly && !isDirectory { return false }
        if isAnchored {
            // As git's dir.c: what stands before the first wildcard is compared by itself, and what follows is a
            // pattern of its own, so that `b**/foo` crosses slashes as `**/foo` does.
            let literal = glob.prefix { !"*?[\\".utf8.contains($0) }
            guard path.starts(with: literal) else { return false }
            return Glob.matches(glob[literal.endIndex...], path[literal.count...])
        }
        let name = path.lastIndex(of: UInt8(ascii: "/")).map { path[(path.index(after: $0))...] } ?? path[...]
        return Glob.matches(glob[...], name)
    }
}
