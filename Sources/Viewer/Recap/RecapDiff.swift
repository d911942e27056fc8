import Model
import Replay

/// The last edits as a few lines, with the cursor as `_`.
enum RecapDiff {
    private static let most = 9

    static func lines(of here: RecapFacts.Here) -> [StyledLine] {
        var lines: [StyledLine] = []
        // The hunk nearest to the cursor; a line above and one below it show where it is.
        let hunk = here.diff.hunks.min { distance($0, here.line) < distance($1, here.line) }
        guard let hunk, distance(hunk, here.line) < 20 else {
            for line in max(0, here.line - 1)...(here.line + 1) { append(line, .plain, " ", here, to: &lines) }
            return lines
        }
        append(hunk.newLine - 1, .plain, " ", here, to: &lines)
        for (offset, line) in hunk.removed.suffix(3).enumerated() {
            let number = hunk.oldLine + max(0, hunk.removed.count - 3) + offset + 1
            lines.append(StyledLine("- \(TextWidth.leftPadded("\(number)", to: 4))  \(Sanitize.line(line))", .removed))
        }
        let last = hunk.newLine + hunk.inserted.count
        let shown = max(1, most - lines.count)
        // Around the cursor, if the hunk is long.
        let first = max(hunk.newLine, min(here.line - shown / 2, last - shown))
        for line in first..<max(first, min(first + shown, last)) { append(line, .added, "+", here, to: &lines) }
        append(last, .plain, " ", here, to: &lines)
        return lines
    }

    private static func distance(_ hunk: LineDiff.Hunk, _ line: Int) -> Int {
        if line < hunk.newLine { return hunk.newLine - line }
        return max(0, line - (hunk.newLine + hunk.inserted.count))
    }

    private static func append(
        _ line: Int, _ style: StyledLine.Style, _ sign: String, _ here: RecapFacts.Here, to lines: inout [StyledLine]
    ) {
        guard var bytes = here.document.text.text(ofLine: line) else { return }
        if line == here.line, let cursor = here.document.cursor, let start = here.document.text.offset(ofLine: line),
            cursor >= start, cursor - start <= bytes.count
        {
            bytes.insert(UInt8(ascii: "_"), at: cursor - start)
        } else if bytes.isEmpty, style == .plain {
            return
        }
        let number = TextWidth.leftPadded("\(line + 1)", to: 4)
        lines.append(StyledLine("\(sign) \(number)  \(Sanitize.line(bytes))", style))
    }
}
