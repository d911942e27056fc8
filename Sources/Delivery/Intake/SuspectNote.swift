/// What an archiver notes before it takes a message that has come back often, and finds if the one before it died there.
///
/// One death proves nothing: a network that breaks brings messages back as well, and an archiver may be killed for any
/// reason while it takes one of them. Who kills two in a row is put aside.
struct SuspectNote: Equatable {
    /// So many archivers may die of a message.
    static let mostDeaths = 2

    /// The hash of the message.
    let name: String
    /// Archivers that died of it, if the one that writes this does.
    let deaths: Int

    /// The note to make before the message `name` is taken; nil if it is not to be taken.
    ///
    /// - Parameter found: what the archiver before left.
    init?(of name: String, after found: SuspectNote?) {
        let before = found?.name == name ? found?.deaths ?? 0 : 0
        guard before < Self.mostDeaths else { return nil }
        self.name = name
        deaths = before + 1
    }

    /// Reads `text`; nil where there is none.
    init?(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        guard let name = words.first else { return nil }
        self.name = name
        deaths = words.count > 1 ? Int(words[1]) ?? 1 : 1
    }

    var text: String { "\(name) \(deaths)" }
}
