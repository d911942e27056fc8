import Archive
import EventSchema
import Foundation

/// The messages that carry out one order: rows of the archive as they are, and words about what is not there.
struct RelaySending {
    let order: RelayQueue.Order
    let user: String
    private(set) var messages: [WireMessage] = []
    private(set) var problems: [String] = []
    private var next: UInt64

    init(order: RelayQueue.Order, user: String) {
        self.order = order
        self.user = user
        next = order.after + 1
    }

    /// Declares what is not sent.
    mutating func withhold(_ seqs: ClosedRange<UInt64>, _ lastHash: ContentHash?) {
        guard let lastHash else {
            problems.append("batch \(seqs.upperBound), up to which it is \(order.why.rawValue), is not there")
            return
        }
        lose(seqs, lastHash, reason: order.why.rawValue)
    }

    /// Batches from memory, which follow each other.
    mutating func add(_ batches: [CheckedBatch]) {
        var bytes = 0
        for batch in batches {
            guard bytes < order.bytes else { return }
            add(.batch(batch), through: batch.seq)
            bytes += batch.encoded.count
        }
    }

    mutating func add(_ rows: [StoredRow]) {
        guard order.withheld == nil || !messages.isEmpty else { return }
        for row in rows {
            do { add(row.seqs, try StoredRow.body(of: row.stored), row.stored) } catch {
                // The next row that can be read says what is lost before it.
                problems.append("batches \(row.seqs.lowerBound) to \(row.seqs.upperBound) cannot be read: \(error)")
            }
        }
    }

    private mutating func add(_ seqs: ClosedRange<UInt64>, _ body: BlockBody, _ stored: [UInt8]) {
        guard seqs.upperBound >= next else { return }
        if seqs.lowerBound > next {
            guard let hash = body.previousHash else { return }
            lose(next...(seqs.lowerBound - 1), hash, reason: "damaged")
        }
        switch body {
        case .batch(let batch): add(.batch(batch), through: batch.seq)
        case .sealed(let block):
            guard block.firstSeq > order.floor else {
                // It would show what is not shared. Sealing never makes such a block of a shared source.
                problems.append("a block of batches \(seqs.lowerBound) to \(seqs.upperBound) is shared in part only")
                return
            }
            add(.block(stored, block), through: block.lastSeq)
        }
    }

    private mutating func add(_ content: WireMessage.Content, through last: UInt64) {
        messages.append(WireMessage(user: user, kind: order.kind, content: content))
        next = last + 1
    }

    private mutating func lose(_ seqs: ClosedRange<UInt64>, _ lastHash: ContentHash, reason: String) {
        let range = LostRange(source: order.source, session: order.session, seqs: seqs, lastHash: lastHash)
        add(.lost(range, reason: reason), through: seqs.upperBound)
    }
}
