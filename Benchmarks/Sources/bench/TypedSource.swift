import Archive
import EventSchema
import Foundation

/// A trace as somebody typing would leave it: a source of one document, a batch for each edit.
struct TypedSource {
    let source: SourceID
    let batches: [CheckedBatch]

    init(_ trace: EditingTrace, number: UInt64 = 1) {
        let source = SourceID(Identifier(high: 1, low: number))
        let session = SessionID(Identifier(high: 2, low: number))
        var opened = DocumentOpened()
        opened.document = 1
        opened.path = Data("/w/text".utf8)
        let start = RecordTime(milliseconds: 1_750_000_000_000)
        var batches = [
            BatchCodec.encode(
                source: source, session: session, seq: 1, previous: nil,
                events: [(start, Event(.documentOpened(opened)))])
        ]
        for index in 0..<trace.count {
            var edit = Edit()
            edit.document = 1
            edit.offset = UInt64(trace.offsets[index])
            edit.removed = UInt64(trace.removed[index])
            edit.inserted = Data(trace.texts[(index == 0 ? 0 : trace.ends[index - 1])..<trace.ends[index]])
            let time = start.advanced(by: Int64(index) * 137_000)
            batches.append(
                BatchCodec.encode(
                    source: source, session: session, seq: UInt64(index) + 2, previous: batches[index].hash,
                    events: [(time, Event(.edit(edit)))]))
        }
        self.source = source
        self.batches = batches
    }

    /// The stored bodies of its sealed blocks.
    func sealed() throws -> [[UInt8]] {
        let sealer = try Sealer()
        return try SealPlan(rows: batches.map(SealPlan.Row.init), isComplete: true).blocks.map { seqs in
            guard let block = try sealer.seal(Array(batches[(Int(seqs.lowerBound) - 1)..<Int(seqs.upperBound)])) else {
                throw NotMeasured(reason: "not worth sealing")
            }
            return block.body
        }
    }

    /// Its edits in columns, as sealed blocks have them when they are unpacked.
    func columns() throws -> [EditColumns] {
        let unpacker = try ZstdDecompressor()
        return try sealed().flatMap { body -> [EditColumns] in
            guard case .sealed(let block) = try BlockBody(stored: body, with: unpacker) else { return [] }
            return block.runs
        }
    }
}
