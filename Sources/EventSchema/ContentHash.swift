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
        bytes =
            content.withContiguousStorageIfAvailable(Self.digest) ?? Array(content).withUnsafeBufferPointer(Self.digest)
    }

    private static func digest(_ content: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        OpenSSL.prepare()
        return Array(unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
            sha256_of(content.baseAddress, content.count, digest.baseAddress)
            count = digest.count
        }
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

/// Makes a `ContentHash` of content that comes in parts.
public final class ContentHasher {
    /// Nil where there was no memory; then there is no hash either.
    private let context: OpaquePointer?

    public init() {
        OpenSSL.prepare()
        context = EVP_MD_CTX_new()
        EVP_DigestInit_ex(context, EVP_sha256(), nil)
    }

    deinit { EVP_MD_CTX_free(context) }

    public func add(_ part: [UInt8]) { EVP_DigestUpdate(context, part, part.count) }

    /// The hash of all parts so far.
    public var hash: ContentHash? {
        let copy = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(copy) }
        guard context != nil, EVP_MD_CTX_copy_ex(copy, context) == 1 else { return nil }
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        guard EVP_DigestFinal_ex(copy, &digest, nil) == 1 else { return nil }
        return ContentHash(bytes: digest)
    }
}

/// The library that hashes.
enum OpenSSL {
    /// To be called before anything of it is used. By itself it clears everything away when the program ends, under
    /// threads that still work; nothing it has needs that.
    static func prepare() { _ = isPrepared }

    private static let isPrepared = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1
}
