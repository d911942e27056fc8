/// The edits of one document in a sealed block, checked: every step's text lies in `text`, no offset is negative.
/// Whether an edit fits the document only the document can tell.
public struct EditColumns: Sendable, Equatable {
    /// One edit. Its text begins where that of the step before it ends.
    public struct Step: Sendable, Equatable {
        /// Record time in microseconds.
        public let time: Int64
        public let offset: Int
        public let removed: Int
        /// Where its text ends in the text column.
        public let textEnd: Int
    }

    /// A number of edits in a row of one origin.
    struct OriginStretch: Sendable, Equatable {
        let origin: Origin
        let end: Int
    }

    public let document: UInt32
    public internal(set) var steps: [Step]
    public internal(set) var text: [UInt8]
    /// Empty if all were typed.
    var origins: [OriginStretch]
    /// The stamps that importers repaired, by edit.
    var originals: [(edit: Int, time: Int64)]
    /// Whether no time is before the one ahead of it, so that a time can be searched by halves.
    let isOrdered: Bool

    public var count: Int { steps.count }

    /// Whether every edit was typed: then the last one says where the cursor is.
    public var isTyped: Bool { origins.isEmpty }

    /// How many edits happened before anything later than `time`.
    public func count(until time: RecordTime) -> Int {
        guard isOrdered else { return steps.firstIndex { $0.time > time.microseconds } ?? steps.count }
        var (low, high) = (0, steps.count)
        while low < high {
            let middle = (low + high) / 2
            if steps[middle].time > time.microseconds { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Where the text of an edit lies in `text`.
    public func textRange(of edit: Int) -> Range<Int> {
        (edit == 0 ? 0 : steps[edit - 1].textEnd)..<steps[edit].textEnd
    }

    /// The origin of an edit.
    public func origin(of edit: Int) -> Origin {
        var (low, high) = (0, origins.count)
        while low < high {
            let middle = (low + high) / 2
            if origins[middle].end > edit { high = middle } else { low = middle + 1 }
        }
        return low < origins.count ? origins[low].origin : .typed
    }

    public static func == (a: EditColumns, b: EditColumns) -> Bool {
        a.document == b.document && a.steps == b.steps && a.text == b.text && a.origins == b.origins
            && a.originals.elementsEqual(b.originals, by: ==)
    }
}
