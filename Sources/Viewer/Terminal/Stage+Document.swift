import EventSchema
import Model
import Replay

extension Stage {
    mutating func drawDocument(
        _ document: DocumentModel, _ subject: Activity.Subject, in frame: Frame, isFocused: Bool,
        on canvas: inout Canvas
    ) {
        let text = document.text
        let cursor = document.cursor ?? 0
        let line = text.line(of: cursor)
        var header = names.path(document.path, of: subject.source)
        if let landmark = Landmark.name(in: text, at: line, path: document.path) {
            header += "   " + Sanitize.line(landmark)
        }
        if document.isUnsaved { header += "   not saved" }
        drawHeader(header, in: frame, isFocused: isFocused, on: &canvas)
        let height = max(frame.rows - 1, 0)
        if document.isPrivate {
            canvas.put(
                "private file", row: frame.row + 1, column: frame.column + 2, width: frame.columns - 2,
                style: Self.faint)
            return
        }
        let top = top(for: line, of: subject, height: height)
        guard let start = text.offset(ofLine: top) else { return }
        let bytes = text[start..<min(text.count, start + max(height, 1) * 600)]
        let lines = bytes.split(
            separator: UInt8(ascii: "\n"), maxSplits: max(height, 1), omittingEmptySubsequences: false)
        let gutter = String(top + height).utf8.count + 2
        let width = max(frame.columns - gutter, 1)
        let selection = document.selections.first.map {
            min(
                Int(clamping: $0.anchor), Int(clamping: $0.head))..<max(
                    Int(clamping: $0.anchor), Int(clamping: $0.head))
        }
        var offset = start
        for (index, bytes) in lines.prefix(height).enumerated() {
            let row = frame.row + 1 + index
            let number = TextWidth.leftPadded(String(top + index + 1), to: gutter - 1) + " "
            canvas.put(number, row: row, column: frame.column, width: gutter, style: Self.faint)
            func column(_ at: Int) -> Int { TextWidth.of(Sanitize.line(bytes.prefix(max(0, at - offset)))) }
            let isCursorLine = top + index == line
            let shift = isCursorLine ? max(0, column(cursor) - width + 2) : 0
            let shown =
                shift == 0
                ? Sanitize.line(bytes.prefix(4096)) : String(Sanitize.line(bytes.prefix(4096)).dropFirst(shift))
            canvas.put(shown, row: row, column: frame.column + gutter, width: width)
            let here = offset...(offset + bytes.count)
            if let selection, !selection.isEmpty, selection.overlaps(here.lowerBound..<(here.upperBound + 1)) {
                let from = column(max(selection.lowerBound, offset)) - shift
                let to = column(min(selection.upperBound, here.upperBound)) - shift
                for at in max(from, 0)..<max(max(from, 0), min(max(to, from + 1), width)) {
                    canvas[row, frame.column + gutter + at].style.background = .indexed(238)
                }
            }
            if isCursorLine, document.cursor != nil {
                let at = min(max(column(cursor) - shift, 0), width - 1)
                canvas[row, frame.column + gutter + at].style.inverse = true
            }
            offset += bytes.count + 1
        }
    }

    /// The view moves only when the cursor leaves it, and then shows it in the middle.
    private mutating func top(for line: Int, of subject: Activity.Subject, height: Int) -> Int {
        let margin = min(2, max(height - 1, 0) / 2)
        if let top = tops[subject], line >= top + (top == 0 ? 0 : margin), line < top + height - margin { return top }
        let top = max(0, line - height / 2)
        tops[subject] = top
        return top
    }
}
