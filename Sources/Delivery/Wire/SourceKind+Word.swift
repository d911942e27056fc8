import EventSchema

extension SourceKind {
    private static let words: [(SourceKind, String)] = [
        (.session, "session"), (.terminal, "terminal"), (.editor, "editor"), (.watcher, "watcher"),
        (.kernel, "kernel"), (.import, "import"),
    ]

    /// The kind's word in routing keys; `other` for one this program does not know.
    public var word: String { Self.words.first { $0.0 == self }?.1 ?? "other" }

    /// The kind of a word in a routing key; unspecified for one this program does not know.
    public init(word: String) { self = Self.words.first { $0.1 == word }?.0 ?? .unspecified }
}
