/// A document's text as the editor has it, and beside it as it may be recorded: each secret byte is `*`.
///
/// Both have the same length, so an offset means the same place in both. The masked text is a function of the raw
/// one: whatever is replayed, it ends in `masked`.
public struct MaskedText: Sendable {
    /// A change of the masked text.
    public struct Change: Sendable, Equatable {
        public var offset: Int
        public var removed: Int
        public var inserted: [UInt8]
        /// Not what the editor did, but what is known since: a word that turned out to be a secret, or none.
        public var isCorrection: Bool
    }

    public static let mask = UInt8(ascii: "*")

    public private(set) var raw: [UInt8]
    public private(set) var masked: [UInt8]
    private let masking: any TextMasking
    /// A secret of several lines may be in the text: every change looks at all of it.
    private var crossesLines: Bool

    public init(_ raw: [UInt8], masking: any TextMasking) {
        self.raw = raw
        self.masking = masking
        crossesLines = masking.mayCrossLines(raw[...])
        masked = raw
        Self.hide(masking.secrets(inText: raw), in: &masked)
    }

    private static func hide(_ ranges: [Range<Int>], in bytes: inout [UInt8]) {
        for range in ranges {
            for index in range.clamped(to: bytes.indices) where bytes[index] != 0x0A { bytes[index] = mask }
        }
    }

    /// Applies a change of the raw text and gives the changes of the masked one, to be applied in their order; nil if
    /// it reaches beyond the text, which then stays as it is.
    public mutating func apply(offset: Int, removed: Int, inserted: [UInt8]) -> [Change]? {
        guard offset >= 0, removed >= 0, offset <= raw.count, removed <= raw.count - offset else { return nil }
        let touchedBefore = lines(around: offset..<offset + removed)
        let couldCross = crossesLines || masking.mayCrossLines(raw[touchedBefore])
        raw.replaceSubrange(offset..<offset + removed, with: inserted)
        let touched = lines(around: offset..<offset + inserted.count)
        crossesLines = crossesLines || masking.mayCrossLines(raw[touched])

        let scope = couldCross || crossesLines ? raw.indices : touched
        var wanted = Array(raw[scope])
        let secrets = scope == raw.indices ? masking.secrets(inText: raw) : secretsByLine(in: scope)
        Self.hide(secrets.map { $0.lowerBound - scope.lowerBound..<$0.upperBound - scope.lowerBound }, in: &wanted)

        let from = offset - scope.lowerBound
        let shown = Array(wanted[from..<from + inserted.count])
        masked.replaceSubrange(offset..<offset + removed, with: shown)
        var changes = [Change(offset: offset, removed: removed, inserted: shown, isCorrection: false)]
        changes += corrections(in: scope, to: wanted)
        return changes
    }

    /// The whole lines that hold a range, without the last LF.
    private func lines(around range: Range<Int>) -> Range<Int> {
        let start = raw[..<range.lowerBound].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let end = raw[range.upperBound...].firstIndex(of: 0x0A) ?? raw.count
        return start..<end
    }

    private func secretsByLine(in scope: Range<Int>) -> [Range<Int>] {
        raw[scope].split(separator: 0x0A, omittingEmptySubsequences: true).flatMap { masking.secrets(inLine: $0) }
    }

    private mutating func corrections(in scope: Range<Int>, to wanted: [UInt8]) -> [Change] {
        var changes: [Change] = []
        var index = 0
        while index < wanted.count {
            guard masked[scope.lowerBound + index] != wanted[index] else {
                index += 1
                continue
            }
            var end = index
            while end < wanted.count, masked[scope.lowerBound + end] != wanted[end] { end += 1 }
            let place = scope.lowerBound + index..<scope.lowerBound + end
            masked.replaceSubrange(place, with: wanted[index..<end])
            changes.append(
                Change(
                    offset: place.lowerBound, removed: place.count, inserted: Array(wanted[index..<end]),
                    isCorrection: true))
            index = end
        }
        return changes
    }
}
