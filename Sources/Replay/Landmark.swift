import Model

/// The name of the thing a line of code or prose is in, guessed from the lines above it.
public enum Landmark {
    private static let farthest = 600
    private static let prefixes: Set<String> = [
        "public", "private", "internal", "fileprivate", "open", "static", "final", "async", "export", "default", "pub",
        "override", "mutating", "protected", "abstract", "local", "unsafe", "inline", "virtual", "@objc", "pub(crate)",
    ]
    private static let callables: Set<String> = ["def", "func", "fn", "function", "sub", "proc", "fun", "procedure"]
    private static let types: Set<String> = [
        "class", "struct", "enum", "protocol", "extension", "interface", "trait", "impl", "module", "namespace",
        "actor",
    ]
    private static let statements: Set<String> = [
        "if", "for", "while", "switch", "return", "else", "catch", "do", "guard", "case", "elif", "with", "repeat",
    ]

    /// `refresh()` for a function, `Token` for a type, the words of a heading in prose; nil if nothing is near.
    ///
    /// - Parameter line: from 0.
    public static func name(in text: Document, at line: Int, path: [UInt8]) -> String? {
        let isProse = [".md", ".markdown", ".rst", ".adoc", ".org"].contains {
            path.suffix($0.utf8.count).elementsEqual($0.utf8)
        }
        guard let end = text.offset(ofLine: line) else { return nil }
        let before = text[max(0, end - farthest * 80)..<text.count]
        let lines = before.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let own = min(
            before.prefix(end - max(0, end - farthest * 80)).count { $0 == UInt8(ascii: "\n") }, lines.count - 1)
        guard own >= 0 else { return nil }
        var depth = Int.max
        for index in stride(from: own, through: max(0, own - farthest), by: -1) {
            let bytes = lines[index].prefix(200)
            guard let first = bytes.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
            let indent = first - bytes.startIndex
            let words = String(decoding: bytes[first...], as: UTF8.self)
            if isProse {
                if let heading = heading(words) { return heading }
            } else if indent < depth || index == own {
                // Only what stands further out than everything since can hold the line.
                if let name = declared(words, atMargin: indent == 0) { return name }
                depth = min(depth, indent)
                if indent == 0, index != own, !words.hasPrefix("}"), !words.hasPrefix(")") { depth = 1 }
            }
        }
        return nil
    }

    private static func heading(_ line: String) -> String? {
        guard line.hasPrefix("#") || line.hasPrefix("* ") || line.hasPrefix("=") else { return nil }
        let words = line.drop { "#*= ".contains($0) }
        return words.isEmpty || !line.contains(" ") ? nil : String(words.prefix(40))
    }

    static func declared(_ line: String, atMargin: Bool) -> String? {
        var words = line.split(maxSplits: 8) { $0 == " " || $0 == "\t" }[...]
        while let word = words.first, prefixes.contains(String(word)) { words = words.dropFirst() }
        guard let keyword = words.first.map(String.init) else { return nil }
        if callables.contains(keyword), let name = words.dropFirst().first.flatMap(identifier) { return name + "()" }
        if keyword == "init" || keyword.hasPrefix("init("), line.contains("{") { return "init()" }
        if types.contains(keyword) { return words.dropFirst().first.flatMap(identifier) }
        if ["const", "let", "var"].contains(keyword), line.contains("=>") || line.contains("function"),
            let name = words.dropFirst().first.flatMap(identifier)
        {
            return name + "()"
        }
        // `type name(arguments) {` of the C family.
        guard atMargin, let open = line.firstIndex(of: "("), !line.contains("="), !line.contains(";"),
            !statements.contains(keyword), line.hasSuffix("{") || line.hasSuffix(")"), !line.hasPrefix("//")
        else { return nil }
        let name = line[..<open].split(separator: " ").last.flatMap(identifier)
        return line[..<open].contains(" ") || line.hasSuffix("{") ? name.map { $0 + "()" } : nil
    }

    private static func identifier(_ word: Substring) -> String? {
        let name = word.drop { $0 == "*" || $0 == "&" }.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        return name.isEmpty ? nil : String(name.prefix(40))
    }
}
