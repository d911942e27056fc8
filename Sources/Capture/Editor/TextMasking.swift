/// Says which bytes of a text are secret. It depends on nothing but the text, so that the masked copy does, too.
public protocol TextMasking: Sendable {
    /// The secret bytes of one line (without its LF), as ranges of `line`'s indices, ascending, not overlapping.
    func secrets(inLine line: ArraySlice<UInt8>) -> [Range<Int>]

    /// Whether these bytes can belong to a secret of several lines, so that a line alone does not decide.
    func mayCrossLines(_ bytes: ArraySlice<UInt8>) -> Bool

    /// The secret bytes of a whole text.
    func secrets(inText text: [UInt8]) -> [Range<Int>]
}

extension TextMasking {
    public func mayCrossLines(_ bytes: ArraySlice<UInt8>) -> Bool { false }

    public func secrets(inText text: [UInt8]) -> [Range<Int>] {
        text.split(separator: 0x0A, omittingEmptySubsequences: true).flatMap { secrets(inLine: $0) }
    }
}

/// Masks nothing.
public struct NoMasking: TextMasking {
    public init() {}
    public func secrets(inLine line: ArraySlice<UInt8>) -> [Range<Int>] { [] }
    public func secrets(inText text: [UInt8]) -> [Range<Int>] { [] }
}
