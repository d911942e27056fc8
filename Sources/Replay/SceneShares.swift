/// How a length is shared out among scenes.
struct SceneShares {
    /// Seconds per scene; nil: left out.
    private(set) var lengths: [Double?]

    init(of pieces: [ScenePiece], within length: Double) {
        lengths = Array(repeating: nil, count: pieces.count)
        let last = pieces.indices.filter { pieces[$0].isLast }
        let others = pieces.indices.filter { !pieces[$0].isLast }
        let lastRoom = Self.room(forLast: last.map { pieces[$0].longest }, others.map { pieces[$0].longest }, length)
        share(lastRoom, among: last, of: pieces)
        share(length - lastRoom, among: others, of: pieces)
    }

    /// Whether a length lets every scene be seen.
    static func showsAll(_ pieces: [ScenePiece], within length: Double) -> Bool {
        let last = pieces.filter(\.isLast)
        let others = pieces.filter { !$0.isLast }
        let lastRoom = room(forLast: last.map(\.longest), others.map(\.longest), length)
        return last.reduce(0) { $0 + $1.shortest } <= lastRoom
            && others.reduce(0) { $0 + $1.shortest } <= length - lastRoom
    }

    /// A fifth for the last scenes: less if they are shorter, more if the others do not fill the rest.
    private static func room(forLast last: [Double], _ others: [Double], _ length: Double) -> Double {
        let (lastLength, otherLength) = (last.reduce(0, +), others.reduce(0, +))
        return min(lastLength, max(length * Fit.lastShare, length - otherLength))
    }

    /// By effort, each within what it must and can take. If not all can have what they must, those of least effort go.
    private mutating func share(_ room: Double, among scenes: [Int], of pieces: [ScenePiece]) {
        var needed = scenes.reduce(0) { $0 + pieces[$1].shortest }
        var kept = scenes.sorted { (pieces[$0].effort, $0) > (pieces[$1].effort, $1) }
        while needed > room, kept.count > 1, let least = kept.popLast() { needed -= pieces[least].shortest }
        guard !kept.isEmpty else { return }
        func length(_ scene: Int, _ scale: Double) -> Double {
            let piece = pieces[scene]
            return min(max(piece.effort * scale, min(piece.shortest, room)), piece.longest)
        }
        var (low, high) = (0.0, kept.reduce(1.0) { max($0, pieces[$1].longest / pieces[$1].effort) })
        for _ in 0..<100 {
            let middle = (low + high) / 2
            if kept.reduce(0, { $0 + length($1, middle) }) <= room { low = middle } else { high = middle }
        }
        for scene in kept { lengths[scene] = length(scene, low) }
    }
}
