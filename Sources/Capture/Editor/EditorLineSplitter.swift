/// Cuts what comes from a plugin into lines and numbers them; a line that is too long is skipped, not kept.
struct EditorLineSplitter {
    struct Line {
        enum Content {
            case whole([UInt8])
            case tooLong(Int)
        }

        /// From 1.
        var number: Int
        var content: Content
    }

    private var begun: [UInt8] = []
    /// The length of the line under way, when it is too long to be kept.
    private var skipped: Int?
    private var number = 0
    private let longest: Int

    init(longest: Int = EditorLine.longest) { self.longest = longest }

    /// The lines that end in these bytes; empty lines are counted, not given.
    mutating func add(_ bytes: ArraySlice<UInt8>) -> [Line] {
        var lines: [Line] = []
        var rest = bytes
        while let end = rest.firstIndex(of: 0x0A) {
            keep(rest[..<end])
            number += 1
            if let skipped {
                lines.append(Line(number: number, content: .tooLong(skipped)))
            } else if !begun.isEmpty {
                lines.append(Line(number: number, content: .whole(begun)))
            }
            begun = []
            skipped = nil
            rest = rest[(end + 1)...]
        }
        keep(rest)
        return lines
    }

    private mutating func keep(_ part: ArraySlice<UInt8>) {
        if let count = skipped {
            skipped = count &+ part.count
        } else if begun.count + part.count > longest {
            skipped = begun.count + part.count
            begun = []
        } else {
            begun += part
        }
    }
}
