/// A text as several people type it at once: every run ever typed, in its place, with what the version now looked at
/// knows of it. Lengths and positions count code points.
///
/// Runs typed at the same place are ordered as Yjs does it, with the agents' numbers to decide.
struct TextMerge {
    private struct Run {
        /// The first code point's; the others' follow.
        var id: Int
        var length: Int
        /// What stood left and right when it was typed; nil at the ends of the text.
        var left: Int?
        var right: Int?
        var agent: Int
        var transaction: Int
        /// In the version looked at: 0 not typed yet, 1 there, more: deleted that often less one.
        var state: Int
        /// Deleted in any version, so not in the whole.
        var isGone = false

        var lengthInWhole: Int { isGone ? 0 : length }
    }

    private var runs: [Run] = []
    private var nextID: Int

    /// - Parameter length: of the text that all know.
    init(length: Int) {
        nextID = length
        guard length > 0 else { return }
        runs = [Run(id: 0, length: length, left: nil, right: nil, agent: -1, transaction: -1, state: 1)]
    }

    /// Goes to a version in which these are typed or deleted once more (1) or once less (−1).
    mutating func change(_ ids: Range<Int>, by change: Int) {
        var index = 0
        while index < runs.count {
            let run = runs[index]
            if run.id < ids.upperBound, run.id + run.length > ids.lowerBound {
                if run.id < ids.lowerBound {
                    split(index, at: ids.lowerBound - run.id)
                    index += 1
                }
                split(index, at: ids.upperBound - runs[index].id)
                runs[index].state += change
            }
            index += 1
        }
    }

    /// Deletes in the version looked at.
    ///
    /// - Returns: what is to be removed from the whole, one after the other; nil if it is outside the text.
    mutating func delete(at position: Int, count: Int) -> (places: [(position: Int, count: Int)], ids: [Range<Int>])? {
        var places: [(position: Int, count: Int)] = []
        var ids: [Range<Int>] = []
        var left = count
        guard left > 0, var (index, whole) = find(position) else { return count == 0 ? (places, ids) : nil }
        while left > 0 {
            guard index < runs.count else { return nil }
            if runs[index].state == 1 {
                split(index, at: left)
                let run = runs[index]
                left -= run.length
                ids.append(run.id..<(run.id + run.length))
                if !run.isGone {
                    if let last = places.indices.last, places[last].position == whole {
                        places[last].count += run.length
                    } else {
                        places.append((position: whole, count: run.length))
                    }
                }
                runs[index].state = 2
                runs[index].isGone = true
            } else {
                whole += runs[index].lengthInWhole
            }
            index += 1
        }
        return (places, ids)
    }

    /// Types in the version looked at.
    ///
    /// - Returns: where that is in the whole; nil if it is outside the text.
    mutating func insert(at position: Int, count: Int, agent: Int, transaction: Int) -> (
        position: Int, ids: Range<Int>
    )? {
        guard var (index, whole) = find(position) else { return nil }
        let left = index > 0 ? runs[index - 1].id + runs[index - 1].length - 1 : nil
        let right = runs[index...].first { $0.state > 0 }?.id
        let run = Run(
            id: nextID, length: count, left: left, right: right, agent: agent, transaction: transaction, state: 1)

        // Among what others typed here, unknown to this version.
        let leftIndex = index - 1
        let rightIndex = right.map(indexOfRun) ?? runs.count
        var scanned = (index: index, whole: whole)
        var isUndecided = false
        while scanned.index < runs.count, runs[scanned.index].state == 0 {
            let other = runs[scanned.index]
            let otherLeft = other.left.map(indexOfRun) ?? -1
            if otherLeft < leftIndex { break }
            if otherLeft == leftIndex {
                let otherRight = other.right.map(indexOfRun) ?? runs.count
                if otherRight == rightIndex {
                    if (agent, transaction) < (other.agent, other.transaction) { break }
                    isUndecided = false
                } else {
                    isUndecided = otherRight < rightIndex
                }
            }
            scanned.whole += other.lengthInWhole
            scanned.index += 1
            if !isUndecided { (index, whole) = scanned }
        }
        runs.insert(run, at: index)
        nextID += count
        return (whole, run.id..<(run.id + count))
    }

    /// The first run behind `position` of the version looked at, which is split so that it begins there, and the
    /// position in the whole; nil outside the text.
    private mutating func find(_ position: Int) -> (index: Int, whole: Int)? {
        var rest = position
        var index = 0
        var whole = 0
        while rest > 0 {
            guard index < runs.count else { return nil }
            if runs[index].state == 1 {
                split(index, at: rest)
                rest -= runs[index].length
            }
            whole += runs[index].lengthInWhole
            index += 1
        }
        return (index, whole)
    }

    private func indexOfRun(_ id: Int) -> Int {
        runs.firstIndex { $0.id <= id && id < $0.id + $0.length } ?? runs.count
    }

    /// Cuts a run in two, if the place is inside it.
    private mutating func split(_ index: Int, at offset: Int) {
        guard offset > 0, offset < runs[index].length else { return }
        var rest = runs[index]
        rest.id += offset
        rest.length -= offset
        rest.left = rest.id - 1
        runs[index].length = offset
        runs.insert(rest, at: index + 1)
    }
}
