import CZstd

/// Unpacks zstd frames. Keeps its tables between calls; use it from one thread at a time.
public final class ZstdDecompressor {
    private let context: OpaquePointer

    /// - Throws: `ZstdError(.failed)` where there is no memory.
    public init() throws(ZstdError) {
        guard let context = ZSTD_createDCtx() else { throw ZstdError(.failed, "no memory for unpacking") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// The bytes of a frame that says their size, as `ZstdCompressor` makes them.
    ///
    /// - Parameters:
    ///   - limit: more bytes are refused before anything is unpacked.
    ///   - prefix: the one the frame was made with.
    /// - Throws: `ZstdError(.damaged)` or `.tooLarge`.
    public func decompress(
        _ frame: ArraySlice<UInt8>, atMost limit: Int, prefix: [UInt8] = []
    ) throws(ZstdError) -> [UInt8] {
        let (size, frameSize) = frame.withUnsafeBytes {
            (ZSTD_getFrameContentSize($0.baseAddress, $0.count), ZSTD_findFrameCompressedSize($0.baseAddress, $0.count))
        }
        // The two largest numbers stand for "unknown" and "no frame".
        guard size < UInt64.max - 1, frameSize == frame.count else {
            throw ZstdError(.damaged, "not one whole frame of known size")
        }
        guard size <= UInt64(max(limit, 0)) else {
            throw ZstdError(.tooLarge, "\(size) bytes unpacked, more than \(limit)")
        }
        ZSTD_DCtx_reset(context, ZSTD_reset_session_and_parameters)
        var result = 0
        let bytes = prefix.withUnsafeBytes { prefix in
            frame.withUnsafeBytes { frame in
                [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
                    if prefix.count > 0 { result = ZSTD_DCtx_refPrefix(context, prefix.baseAddress, prefix.count) }
                    guard ZSTD_isError(result) == 0 else { return }
                    result = ZSTD_decompressDCtx(
                        context, buffer.baseAddress, buffer.count, frame.baseAddress, frame.count)
                    if ZSTD_isError(result) == 0 { count = result }
                }
            }
        }
        if let error = ZstdError(.damaged, result: result) { throw error }
        guard UInt64(bytes.count) == size else { throw ZstdError(.damaged, "a frame of another size than it says") }
        return bytes
    }
}
