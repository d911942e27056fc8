import EventSchema

/// The body of a row of `blocks`: one batch as its source wrote it, or many as a sealed block.
///
/// Stored, the first byte says the form: 0 and the bytes of a batch, or 1 and a zstd frame of a sealed block.
public enum BlockBody: Sendable {
    case batch(CheckedBatch)
    case sealed(DecodedSealedBlock)

    /// Unpacked, no block is larger. Sealing stays far below; this is what hostile bytes can cost.
    public static let largestBlock = 8 << 20

    static let batchForm: UInt8 = 0
    static let sealedForm: UInt8 = 1

    /// The stored form of a batch.
    public static func stored(_ batch: CheckedBatch) -> [UInt8] { [batchForm] + batch.encoded }

    /// Whether a stored body is a sealed block, told by its first byte.
    public static func isSealed(_ stored: [UInt8]) -> Bool { stored.first == sealedForm }

    /// Reads and checks a stored body.
    ///
    /// - Throws: `SealingError(.form)`, `.packing` or `.content`.
    public init(stored: [UInt8], with decompressor: ZstdDecompressor) throws(SealingError) {
        switch stored.first {
        case Self.batchForm:
            do { self = .batch(try BatchCodec.decode(Array(stored.dropFirst()))) } catch {
                throw SealingError(.content, error.description, underlying: error)
            }
        case Self.sealedForm:
            let bytes: [UInt8]
            do { bytes = try decompressor.decompress(stored.dropFirst(), atMost: Self.largestBlock) } catch {
                throw SealingError(.packing, error.description, underlying: error)
            }
            do { self = .sealed(try SealedBlockCodec.decode(bytes)) } catch {
                throw SealingError(.content, error.description, underlying: error)
            }
        default:
            throw SealingError(.form, "a stored body of an unknown form")
        }
    }

    /// The events in order, with their addresses.
    public var timedEvents: [TimedEvent] {
        switch self {
        case .batch(let batch): batch.timedEvents
        case .sealed(let block): block.timedEvents
        }
    }

    /// The batches in it.
    public var seqs: ClosedRange<UInt64> {
        switch self {
        case .batch(let batch): batch.seq...batch.seq
        case .sealed(let block): block.firstSeq...block.lastSeq
        }
    }

    /// The hash of its last batch, which the batch behind it names.
    public var lastHash: ContentHash {
        switch self {
        case .batch(let batch): batch.hash
        case .sealed(let block): block.lastHash
        }
    }
}
