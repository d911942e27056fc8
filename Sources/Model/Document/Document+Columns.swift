import EventSchema

extension Document {
    /// Applies the edits of a sealed block with these numbers, in order.
    ///
    /// - Returns: the first that does not fit, if one does not; it and those behind it are not applied.
    public mutating func apply(_ columns: EditColumns, _ edits: Range<Int>) -> (edit: Int, error: ModelError)? {
        guard !edits.isEmpty, edits.lowerBound >= 0, edits.upperBound <= columns.count else { return nil }
        var start = columns.textRange(of: edits.lowerBound).lowerBound
        for index in edits {
            let step = columns.steps[index]
            do {
                try replace(offset: step.offset, removed: step.removed, from: columns.text, in: start..<step.textEnd)
            } catch {
                return (index, error)
            }
            start = step.textEnd
        }
        return nil
    }
}
