/// Puts the transactions of a concurrent trace in one line: each is moved to where its text belongs in a document
/// that holds all transactions before it in the file.
///
/// The way of the event graph walker (Gentle, Kleppmann 2024): go back to the version a transaction was typed on,
/// apply it there, and see where that is in the whole. Where everything typed so far is known to all that follows,
/// the walker starts anew, so that only real concurrency costs anything.
struct ConcurrentTrace {
    private typealias Patch = EditingTrace.Patch

    /// What a transaction did, to be undone and done again.
    private struct Effect {
        var inserted: [Range<Int>] = []
        var deleted: [Range<Int>] = []
    }

    private let transactions: [EditingTrace.Transaction]
    /// Code points of the document that holds all transactions so far.
    private var length: Int

    /// The transactions in the order of the file.
    ///
    /// - Throws: `ImportError` if a transaction is outside the text it was typed on.
    static func inOneLine(
        _ trace: EditingTrace, _ input: ImportInput
    ) throws(ImportError) -> [EditingTrace.Transaction] {
        guard trace.isConcurrent else { return trace.transactions }
        var walker = ConcurrentTrace(transactions: trace.transactions, length: trace.start.unicodeScalars.count)
        var result = trace.transactions
        for stretch in walker.stretches() {
            let known = stretch.lowerBound - 1
            if stretch.count == 1, result[stretch.lowerBound].parents == (known < 0 ? [] : [known]) {
                walker.count(result[stretch.lowerBound].patches)
                continue
            }
            for (number, patches) in try walker.walk(stretch, input) { result[number].patches = patches }
        }
        return result
    }

    /// The transactions, cut behind each that everything later has in its past and that has everything in its own.
    private func stretches() -> [Range<Int>] {
        // The earliest parent of any transaction from here on.
        var earliest = Array(repeating: transactions.count, count: transactions.count + 1)
        for (number, transaction) in transactions.enumerated().reversed() {
            earliest[number] = min(earliest[number + 1], transaction.parents.min() ?? -1)
        }
        var stretches: [Range<Int>] = []
        var heads: Set<Int> = []
        var start = 0
        for (number, transaction) in transactions.enumerated() {
            heads.subtract(transaction.parents)
            heads.insert(number)
            let isKnownToAll = heads.count == 1 && earliest[number + 1] >= number
            guard isKnownToAll || number == transactions.count - 1 else { continue }
            stretches.append(start..<(number + 1))
            start = number + 1
        }
        return stretches
    }

    private mutating func count(_ patches: [Patch]) {
        for patch in patches {
            length = max(0, length - min(length, patch.removed)) + patch.inserted.unicodeScalars.count
        }
    }

    private mutating func walk(
        _ stretch: Range<Int>, _ input: ImportInput
    ) throws(ImportError) -> [(number: Int, patches: [Patch])] {
        var merge = TextMerge(length: length)
        var effects: [Int: Effect] = [:]
        var version: [Int] = []
        var result: [(number: Int, patches: [Patch])] = []
        for number in stretch {
            let transaction = transactions[number]
            let (undo, redo) = differences(version, transaction.parents, from: stretch.lowerBound)
            for number in undo { if let effect = effects[number] { Self.apply(effect, -1, to: &merge) } }
            for number in redo { if let effect = effects[number] { Self.apply(effect, 1, to: &merge) } }
            var effect = Effect()
            var moved: [Patch] = []
            for patch in transaction.patches {
                guard let patches = Self.apply(patch, by: transaction.agent, number, &effect, to: &merge) else {
                    let path: [JSONOutline.Step] = [.member("txns"), .element(number)]
                    throw ImportError(
                        file: input.name, line: JSONOutline.line(of: path, in: input.bytes),
                        "transaction \(number) is outside the text it was typed on")
                }
                moved += patches
            }
            effects[number] = effect
            version = [number]
            count(moved)
            result.append((number: number, patches: moved))
        }
        return result
    }

    private static func apply(_ effect: Effect, _ change: Int, to merge: inout TextMerge) {
        for ids in effect.inserted + effect.deleted { merge.change(ids, by: change) }
    }

    /// The patch where it belongs in the whole; nil if it is outside the text.
    private static func apply(
        _ patch: Patch, by agent: Int, _ number: Int, _ effect: inout Effect, to merge: inout TextMerge
    ) -> [Patch]? {
        guard let removed = merge.delete(at: patch.position, count: patch.removed) else { return nil }
        effect.deleted += removed.ids
        var patches = removed.places.map { Patch(position: $0.position, removed: $0.count, inserted: "") }
        let count = patch.inserted.unicodeScalars.count
        guard count > 0 else { return patches }
        guard let inserted = merge.insert(at: patch.position, count: count, agent: agent, transaction: number) else {
            return nil
        }
        effect.inserted.append(inserted.ids)
        patches.append(Patch(position: inserted.position, removed: 0, inserted: patch.inserted))
        return patches
    }

    /// The transactions that only the past of `a` holds, newest first, and those only that of `b` does, oldest first.
    private func differences(_ a: [Int], _ b: [Int], from start: Int) -> (onlyA: [Int], onlyB: [Int]) {
        var marks: [Int: Int] = [:]
        for number in a { marks[number, default: 0] |= 1 }
        for number in b { marks[number, default: 0] |= 2 }
        var waiting = marks.keys.filter { $0 >= start }.sorted()
        var onlyA: [Int] = []
        var onlyB: [Int] = []
        while let number = waiting.popLast(), let mark = marks[number] {
            if mark == 1 { onlyA.append(number) }
            if mark == 2 { onlyB.append(number) }
            for parent in transactions[number].parents where parent >= start {
                if let known = marks[parent] {
                    marks[parent] = known | mark
                } else {
                    marks[parent] = mark
                    waiting.insert(parent, at: waiting.firstIndex { $0 > parent } ?? waiting.endIndex)
                }
            }
            // What is left is in the past of both.
            if waiting.allSatisfy({ marks[$0] == 3 }) { break }
        }
        return (onlyA, onlyB.reversed())
    }
}
