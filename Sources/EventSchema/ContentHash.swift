import Crypto

/// A SHA-256, of a batch's encoded bytes or of a text.
public struct ContentHash: Hashable, Sendable, CustomStringConvertible {
    public let bytes: [UInt8]

    /// The hash that these 32 bytes are; nil if there are not 32.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self.bytes = Array(bytes)
    }

    /// The hash of `content`.
    public init(of content: some Sequence<UInt8>) {
        var hasher = SHA256()
        if content.withContiguousStorageIfAvailable({ hasher.update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil
        {
            hasher.update(data: Array(content))
        }
        bytes = Array(hasher.finalize())
    }

    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in bytes {
            text.append(HexDigits.byte(of: byte >> 4))
            text.append(HexDigits.byte(of: byte))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
