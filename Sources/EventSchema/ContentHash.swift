import CCrypto

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
        bytes = content.withContiguousStorageIfAvailable(Self.digest) ?? Array(content).withUnsafeBufferPointer(Self.digest)
    }

    private static func digest(_ content: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        Array(unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
            _ = SHA256(content.baseAddress, content.count, digest.baseAddress)
            count = digest.count
        }
    }

    public var description: String {
        bytes.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }
}

/// Makes a `ContentHash` of content that comes in parts.
public struct ContentHasher: Sendable {
    private var hasher = SHA256()

    public init() {}

    public mutating func add(_ part: [UInt8]) { hasher.update(data: part) }

    /// The hash of all parts so far.
    public var hash: ContentHash { ContentHash(digest: hasher.finalize()) }
}

extension ContentHash {
    fileprivate init(digest: SHA256.Digest) { bytes = Array(digest) }
}
