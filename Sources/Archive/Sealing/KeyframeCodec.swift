import EventSchema

/// Packs keyframes, each with the one before it as prefix, so that a chain of them costs little more than what changed.
///
/// Stored, the first byte says how many keyframes before it are needed: 0 for a full one.
public final class KeyframeCodec {
    /// Larger states are always full: unpacking a chain of them would take too long.
    public static let largestChained = 1 << 20
    /// Every such keyframe is full.
    public static let chainLength = 8
    /// Unpacked, no state is larger.
    public static let largestState = 1 << 30

    static let level = 19

    private let compressor: ZstdCompressor
    private let decompressor: ZstdDecompressor

    /// - Throws: `SealingError(.packing)` where there is no memory.
    public init() throws(SealingError) {
        do {
            compressor = try ZstdCompressor()
            decompressor = try ZstdDecompressor()
        } catch {
            throw SealingError(.packing, error.description, underlying: error)
        }
    }

    /// How many keyframes before this one are needed to read it.
    ///
    /// - Throws: `SealingError(.form)` if the stored body is none.
    public static func chainPosition(of stored: [UInt8]) throws(SealingError) -> Int {
        guard let first = stored.first, first < chainLength else {
            throw SealingError(.form, "a keyframe of an unknown form")
        }
        return Int(first)
    }

    /// The stored body of a state.
    ///
    /// - Parameters:
    ///   - state: the bytes of a `SourceState`.
    ///   - previous: the state of the source's keyframe before this one, and that one's place in its chain.
    /// - Throws: `SealingError(.packing)` where there is no memory.
    public func encode(
        state: [UInt8], after previous: (state: [UInt8], position: Int)? = nil
    ) throws(SealingError) -> [UInt8] {
        var (position, prefix): (Int, [UInt8]) = (0, [])
        if let previous, previous.position + 1 < Self.chainLength, state.count <= Self.largestChained,
            previous.state.count <= Self.largestChained, !previous.state.isEmpty
        {
            (position, prefix) = (previous.position + 1, previous.state)
        }
        do {
            let level = state.count > Self.largestChained ? 6 : Self.level
            return [UInt8(position)] + (try compressor.compress(state, level: level, prefix: prefix))
        } catch {
            throw SealingError(.packing, error.description, underlying: error)
        }
    }

    /// The state of the last of these stored keyframes, of which the first is full and each follows the one before.
    ///
    /// - Throws: `SealingError(.chain)` if they are not such a chain, `.form` or `.packing` if one is damaged.
    public func decode(chain: [[UInt8]]) throws(SealingError) -> [UInt8] {
        var state: [UInt8] = []
        for (index, stored) in chain.enumerated() {
            guard try Self.chainPosition(of: stored) == index else {
                throw SealingError(.chain, "keyframe \(index) of a chain is not there")
            }
            do {
                state = try decompressor.decompress(
                    stored.dropFirst(), atMost: Self.largestState, prefix: index == 0 ? [] : state)
            } catch {
                throw SealingError(.packing, error.description, underlying: error)
            }
        }
        guard !chain.isEmpty else { throw SealingError(.chain, "no keyframe") }
        return state
    }
}
