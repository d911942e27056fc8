/// What changed between two texts, line by line.
public struct LineDiff: Sendable, Equatable {
    /// Lines of the old text that gave way to lines of the new one.
    public struct Hunk: Sendable, Equatable {
        /// The number, from 0, of the first line in the old and in the new text.
        public var oldLine: Int
        public var newLine: Int
        public var removed: [[UInt8]]
        public var inserted: [[UInt8]]
    }

    public private(set) var hunks: [Hunk] = []

    public init(from old: [UInt8], to new: [UInt8]) {
        guard old != new else { return }
        let a = Self.lines(old)
        let b = Self.lines(new)
        var head = 0
        while head < min(a.count, b.count), a[head] == b[head] { head += 1 }
        var tail = 0
        while tail < min(a.count, b.count) - head, a[a.count - 1 - tail] == b[b.count - 1 - tail] { tail += 1 }
        let (middleA, middleB) = (a[head..<(a.count - tail)], b[head..<(b.count - tail)])
        let kept = Self.common(Array(middleA), Array(middleB))
        var (i, j) = (0, 0)
        for (x, y) in kept + [(middleA.count, middleB.count)] {
            if x > i || y > j {
                hunks.append(
                    Hunk(
                        oldLine: head + i, newLine: head + j,
                        removed: middleA.dropFirst(i).prefix(x - i).map(Array.init),
                        inserted: middleB.dropFirst(j).prefix(y - j).map(Array.init)))
            }
            (i, j) = (x + 1, y + 1)
        }
    }

    public var removedCount: Int { hunks.reduce(0) { $0 + $1.removed.count } }
    public var insertedCount: Int { hunks.reduce(0) { $0 + $1.inserted.count } }

    private static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }

    /// The pairs of lines of a longest common subsequence; none where that would take too long to find.
    private static func common(_ a: [ArraySlice<UInt8>], _ b: [ArraySlice<UInt8>]) -> [(Int, Int)] {
        guard !a.isEmpty, !b.isEmpty, a.count * b.count <= 400_000 else { return [] }
        let width = b.count + 1
        var longest = [Int32](repeating: 0, count: (a.count + 1) * width)
        for i in a.indices.reversed() {
            for j in b.indices.reversed() {
                longest[i * width + j] =
                    a[i] == b[j]
                    ? longest[(i + 1) * width + j + 1] + 1
                    : max(longest[(i + 1) * width + j], longest[i * width + j + 1])
            }
        }
        var pairs: [(Int, Int)] = []
        var (i, j) = (0, 0)
        while i < a.count, j < b.count {
            if a[i] == b[j] {
                pairs.append((i, j))
                (i, j) = (i + 1, j + 1)
            } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
                i += 1
            } else {
                j += 1
            }
        }
        return pairs
    }
}
