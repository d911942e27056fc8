/// Documents masked by the same marks as everything else. A secret ends with its line, but for a key block.
public struct SecretText: TextMasking {
    private static let block = Array("PRIVATE KEY".utf8)

    public init() {}

    public func secrets(inLine line: ArraySlice<UInt8>) -> [Range<Int>] {
        SecretMask.ranges(in: Array(line)).map { $0.lowerBound + line.startIndex..<$0.upperBound + line.startIndex }
    }

    public func mayCrossLines(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while let start = rest.firstIndex(of: UInt8(ascii: "P")) {
            if rest[start...].starts(with: Self.block) { return true }
            rest = rest[(start + 1)...]
        }
        return false
    }

    public func secrets(inText text: [UInt8]) -> [Range<Int>] {
        if mayCrossLines(text[...]) { return SecretMask.ranges(in: text) }
        return text.split(separator: 0x0A, omittingEmptySubsequences: true).flatMap { secrets(inLine: $0) }
    }
}
