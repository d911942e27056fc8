/// A file pattern: `*` and `?` inside one path part, `**` across parts. Without a slash it fits the last part.
public struct Glob: Sendable, Hashable {
    private let pattern: [UInt8]
    private let wholePath: Bool

    public init(_ pattern: String) {
        self.pattern = Array(pattern.utf8)
        wholePath = pattern.utf8.contains(UInt8(ascii: "/"))
    }

    /// Whether `path` fits; a relative pattern with slashes fits the end of a path too.
    public func matches(_ path: some Collection<UInt8>) -> Bool {
        let path = Array(path)
        guard wholePath else {
            return Self.fits(pattern[...], (path.split(separator: UInt8(ascii: "/")).last ?? [])[...])
        }
        if Self.fits(pattern[...], path[...]) { return true }
        guard pattern.first != UInt8(ascii: "/") else { return false }
        return path.indices.contains { path[$0] == UInt8(ascii: "/") && Self.fits(pattern[...], path[($0 + 1)...]) }
    }

    /// Steps along both; at a mismatch goes back to the newest star and lets it take one byte more.
    private static func fits(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var (p, t) = (pattern.startIndex, text.startIndex)
        var star: (pattern: Int, text: Int, crosses: Bool)?
        while t < text.endIndex {
            if p < pattern.endIndex, pattern[p] == UInt8(ascii: "*") {
                let crosses = p + 1 < pattern.endIndex && pattern[p + 1] == UInt8(ascii: "*")
                p += crosses ? 2 : 1
                star = (p, t, crosses)
            } else if p < pattern.endIndex,
                pattern[p] == text[t] || (pattern[p] == UInt8(ascii: "?") && text[t] != UInt8(ascii: "/"))
            {
                p += 1
                t += 1
            } else if let back = star, back.crosses || text[back.text] != UInt8(ascii: "/") {
                star = (back.pattern, back.text + 1, back.crosses)
                (p, t) = (back.pattern, back.text + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
