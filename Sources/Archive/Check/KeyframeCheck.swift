import EventSchema
import GRDB
import Model

/// Compares the keyframes of one source with the states they stand for, along a pass over its blocks.
///
/// The source is followed only as far as it has keyframes; one without any costs nothing.
struct KeyframeCheck {
    private var keyframes: [StoredKeyframe]
    private var model: SourceModel
    /// The keyframes from the last full one on.
    private var chain: [[UInt8]] = []
    private var codec: KeyframeCodec?
    /// Why the keyframes could not be read at all.
    private var failure: String?

    init(_ source: SourceID, _ reader: ArchiveReader) {
        model = SourceModel(source: source)
        do {
            keyframes = try reader.archive.read { try StoredKeyframe.all(of: source, in: $0) }.reversed()
            codec = try KeyframeCodec()
        } catch {
            keyframes = []
            failure = "its keyframes cannot be read: \(error)"
        }
    }

    /// Follows the source over its next block.
    ///
    /// - Returns: what is wrong with the keyframe at the block's end, if there is one and something is.
    mutating func pass(_ body: BlockBody) -> String? {
        guard let next = keyframes.last else { return nil }
        _ = SoughtBlock(body).advance(&model, until: .distantFuture)
        guard next.seq == body.seqs.upperBound else { return nil }
        keyframes.removeLast()
        guard next.time == model.time else { return "its keyframe has another time" }
        do {
            if try KeyframeCodec.chainPosition(of: next.body) == 0 { chain = [] }
            chain.append(next.body)
            guard let stored = try codec?.decode(chain: chain) else { return nil }
            // Through this program's own form: an older one may have written the same state in other bytes.
            let isSame = try SourceModel(encodedState: stored).state == model.state
            return isSame ? nil : "its keyframe is not the state of its events"
        } catch {
            return "its keyframe cannot be read: \(error)"
        }
    }

    /// A block could not be read: the states behind it are not known.
    mutating func giveUp() { keyframes = [] }

    /// What is left when all blocks have been passed.
    var left: [(seq: UInt64, reason: String)] {
        if let failure { return [(0, failure)] }
        return keyframes.reversed().map { ($0.seq, "a keyframe that stands at no block's end") }
    }
}
