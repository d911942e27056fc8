import EventSchema

extension SourceModel {
    /// About how many bytes of memory the state takes, for those who keep several.
    public var footprint: Int {
        var bytes = 1024 + contents.pending.values.reduce(0) { $0 + $1.count }
        for document in documents.values {
            bytes += 512 + document.text.footprint
            if case .text(let saved, _) = document.disk { bytes += saved.footprint }
        }
        for terminal in terminals.values { bytes += 512 + (terminal.screen?.footprint ?? 0) }
        return bytes
    }
}

extension Document {
    var footprint: Int { head.count + tail.count }
}

extension Screen {
    var footprint: Int {
        scrollback.footprint + (columns * rows + (hidden.map { $0.columns * $0.rows } ?? 0)) * MemoryLayout<Cell>.stride
    }
}

extension Scrollback {
    var footprint: Int { cellCount * MemoryLayout<Cell>.stride + count * MemoryLayout<Line>.stride }
}
