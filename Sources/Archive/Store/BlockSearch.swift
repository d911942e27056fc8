/// SQL that finds rows of `blocks` by batch.
enum BlockSearch {
    /// Where the row begins that holds a batch, or the row before it. A source's rows do not overlap, so that a search
    /// by the end of a row, for which there is no index, need not look at all that come before.
    static func firstRow(with seq: String, of source: String) -> String {
        "ifnull((SELECT max(first) FROM blocks WHERE source = \(source) AND first <= \(seq)), 0)"
    }
}
