import CZstd

/// Packs bytes as zstd frames that hold their size and a checksum. Keeps its tables between calls; use it from one
/// thread at a time.
public final class ZstdCompressor {
    private let context: OpaquePointer

    /// - Throws: `ZstdError(.failed)` where there is no memory.
    public init() throws(ZstdError) {
        guard let context = ZSTD_createCCtx() else { throw ZstdError(.failed, "no memory for packing") }
        self.context = context
    }

    deinit { ZSTD_freeCCtx(context) }

    /// The frame of `bytes`.
    ///
    /// - Parameter prefix: what the bytes resemble; the same prefix is needed to unpack them.
    /// - Throws: `ZstdError(.failed)` where there is no memory.
    public func compress(_ bytes: [UInt8], level: Int, prefix: [UInt8] = []) throws(ZstdError) -> [UInt8] {
        ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters)
        var results = [
            ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(clamping: level)),
            ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1),
        ]
        if !prefix.isEmpty {
            // The prefix is found only with a window over both and long-distance matching.
            results.append(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 24))
            results.append(ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1))
        }
        for result in results {
            if let error = ZstdError(.failed, result: result) { throw error }
        }
        var result = 0
        let frame = prefix.withUnsafeBytes { prefix in
            bytes.withUnsafeBytes { bytes in
                [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { buffer, count in
                    // A prefix counts for one frame and must stay in place until that is done.
                    if prefix.count > 0 { result = ZSTD_CCtx_refPrefix(context, prefix.baseAddress, prefix.count) }
                    guard ZSTD_isError(result) == 0 else { return }
                    result = ZSTD_compress2(context, buffer.baseAddress, buffer.count, bytes.baseAddress, bytes.count)
                    if ZSTD_isError(result) == 0 { count = result }
                }
            }
        }
        if let error = ZstdError(.failed, result: result) { throw error }
        return frame
    }
}
