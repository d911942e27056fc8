import EventSchema
import Foundation
import GRDB
import Model

/// Goes through an archive from end to end and says everything that is not as it was written.
public struct Verification: Sendable {
    public struct Finding: Sendable, Equatable, CustomStringConvertible {
        /// The source it is about; nil if it is about the file.
        public var source: SourceID?
        public var session: SessionID?
        /// The batch it begins at.
        public var seq: UInt64?
        public var reason: String

        public var description: String {
            let place = [
                session.map { "session \($0.short)" }, source.map { "source \($0)" }, seq.map { "batch \($0)" },
            ]
            let known = place.compactMap { $0 }
            return known.isEmpty ? reason : "\(known.joined(separator: ", ")): \(reason)"
        }
    }

    public private(set) var findings: [Finding] = []
    public private(set) var sources = 0
    public private(set) var batches: UInt64 = 0
    public private(set) var events = 0

    /// Reads everything. `progress` is called after each source.
    public init(of reader: ArchiveReader, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }) throws(ArchiveError)
    {
        do {
            let said = try reader.archive.read { try String.fetchAll($0, sql: "PRAGMA integrity_check(20)") }
            for line in said where line != "ok" { findings.append(Finding(reason: "SQLite: \(line)")) }
        } catch {
            findings.append(Finding(reason: ArchiveError(translating: error, doing: "check the file").message))
            return
        }
        let all = try reader.sources()
        for (done, source) in all.enumerated() {
            check(source, reader)
            progress(done + 1, all.count)
        }
        sources = all.count
    }

    private mutating func check(_ source: SourceSummary, _ reader: ArchiveReader) {
        func found(_ seq: UInt64?, _ reason: String) {
            findings.append(Finding(source: source.id, session: source.session, seq: seq, reason: reason))
        }
        let bodies: [(first: Int64, last: Int64, body: Data)]
        var lost: [UInt64: UInt64] = [:]
        var head = source.head
        do {
            (bodies, lost) = try reader.archive.read { db in
                // In one snapshot with the rows: the source may be growing.
                let row = try Row.fetchOne(
                    db, sql: "SELECT head, head_hash FROM sources WHERE source = ?", arguments: [Data(source.id.bytes)])
                if let row, let seq: Int64 = row["head"], let hash: Data = row["head_hash"] {
                    head = SourceHead(seq: UInt64(max(0, seq)), hash: ContentHash(bytes: hash))
                }
                let rows = try Row.fetchAll(
                    db,
                    sql: """
                        SELECT first, last, body FROM blocks b JOIN sources s ON s.id = b.source
                        WHERE s.source = ? ORDER BY first
                        """, arguments: [Data(source.id.bytes)]
                ).map { ($0["first"] as Int64, $0["last"] as Int64, $0["body"] as Data) }
                return (rows, try LostRange.all(of: source.id, in: db))
            }
        } catch {
            return found(nil, ArchiveError(translating: error, doing: "read it").message)
        }
        var keyframes = KeyframeCheck(source.id, reader)
        var next: UInt64 = 1
        var previous: ContentHash?
        var model = SourceModel(source: source.id, lanes: [.documents, .hashes])
        var hasHole = false
        // What the publisher declared lost counts as present; of what was opened in it or before it nothing is known.
        func passLost() {
            while let last = lost[next] {
                (next, previous, hasHole) = (last + 1, nil, true)
                model = SourceModel(source: source.id, lanes: [.documents, .hashes])
            }
        }
        for row in bodies {
            passLost()
            let body: BlockBody
            do { body = try StoredBlock.read(row.body) } catch {
                found(UInt64(max(0, row.first)), "cannot be read: \(error)")
                next = UInt64(max(0, row.last)) + 1
                previous = nil
                keyframes.giveUp()
                continue
            }
            if Int64(body.seqs.lowerBound) != row.first || Int64(body.seqs.upperBound) != row.last {
                found(body.seqs.lowerBound, "lies in the row of batches \(row.first) to \(row.last)")
            }
            if body.seqs.lowerBound != next { found(next, "missing up to \(body.seqs.lowerBound - 1)") }
            if next > 1, previous != nil, body.previousHash != previous {
                found(body.seqs.lowerBound, "names another batch before it")
            }
            for timed in body.timedEvents {
                events += 1
                guard let issue = model.apply(timed), !(hasHole && issue.error.code == .unknown) else { continue }
                found(timed.address.seq, "\(issue.error)")
            }
            if let wrong = keyframes.pass(body) { found(body.seqs.upperBound, wrong) }
            batches += UInt64(body.seqs.count)
            next = body.seqs.upperBound + 1
            previous = body.lastHash
        }
        let endsInLost = lost[next] != nil
        passLost()
        for (seq, reason) in keyframes.left { found(seq, reason) }
        if next - 1 != head.seq { found(next, "missing up to \(head.seq)") }
        if !endsInLost, previous != head.hash { found(head.seq, "is not the batch that was accepted last") }
    }
}

extension BlockBody {
    /// The hash that its first batch names as the one before.
    public var previousHash: ContentHash? {
        switch self {
        case .batch(let batch): batch.previous
        case .sealed(let block): block.previous
        }
    }
}
