import Archive
import EventSchema
import Foundation
import GRDB
import Model

/// Reads an archive by plain SQL, beside its agent, and compares it with what a witness and the editor say.
struct ArchiveAudit {
    private struct Row {
        var source: SourceID
        var kind: SourceKind
        var head: UInt64
        var body: BlockBody
    }

    private let database: DatabaseQueue
    private let rows: [Row]
    /// What the witness had when the archive was read.
    private let accepted: [Witness.Entry: String]

    init(_ home: ArchiveHome, _ witness: Witness? = nil) throws {
        // First, because more may be accepted while the archive is read.
        accepted = try witness?.read() ?? [:]
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        database = try DatabaseQueue(path: home.archive.path, configuration: configuration)
        let decompressor = try ZstdDecompressor()
        rows = try database.read { db in
            try GRDB.Row.fetchAll(
                db,
                sql:
                    "SELECT s.source, s.kind, s.head, b.body FROM blocks b JOIN sources s ON s.id = b.source ORDER BY s.id, b.first"
            ).map { row in
                let id: Data = row["source"]
                let (kind, head): (Int, Int64) = (row["kind"], row["head"])
                let body: Data = row["body"]
                guard let source = SourceID(bytes: id) else { throw CampaignFailure("a row names no source") }
                return Row(
                    source: source, kind: SourceKind(rawValue: kind) ?? .unspecified, head: UInt64(head),
                    body: try BlockBody(stored: Array(body), with: decompressor))
            }
        }
    }

    /// Batches the archive has, all sources together.
    var batchCount: Int { rows.reduce(0) { $0 + $1.body.seqs.count } }

    /// Batches that are packed into sealed blocks.
    var sealedCount: Int {
        rows.reduce(0) { sum, row in if case .sealed = row.body { sum + row.body.seqs.count } else { sum } }
    }

    /// Events of a source's kind, in order of the sources.
    func events(of kind: SourceKind) -> [TimedEvent] { rows.filter { $0.kind == kind }.flatMap { $0.body.timedEvents } }

    func head(of source: SourceID) -> UInt64 { rows.first { $0.source == source }?.head ?? 0 }

    /// Everything accepted is there once and as it was sent; numbers go from 1 without holes; nothing is there that was
    /// never sent, but for the agent's own sources.
    ///
    /// - Returns: how many batches were compared.
    func compare(with witness: Witness) throws -> Int {
        if let problem = witness.problems.first { throw CampaignFailure(problem) }
        var missing = accepted
        var compared = 0
        let recorded = witness.sentSources
        var next: [SourceID: UInt64] = [:]
        for row in rows {
            let expected = next[row.source] ?? 1
            guard row.body.seqs.lowerBound == expected else {
                throw CampaignFailure("source \(row.source) goes on at \(row.body.seqs.lowerBound), not at \(expected)")
            }
            next[row.source] = row.body.seqs.upperBound + 1
            guard recorded.contains(row.source) else {
                guard row.kind == .session else { throw CampaignFailure("source \(row.source) was never sent") }
                continue
            }
            var sent: [TimedEvent] = []
            for seq in row.body.seqs {
                let entry = Witness.Entry(source: row.source, seq: seq)
                guard let batch = witness.batch(entry) else {
                    throw CampaignFailure("batch \(seq) of source \(row.source) was stored, but never sent")
                }
                if let hash = missing.removeValue(forKey: entry), hash != "\(batch.hash)" {
                    throw CampaignFailure("batch \(seq) of source \(row.source) was accepted with another content")
                }
                sent += batch.timedEvents
                compared += 1
                if seq == row.body.seqs.upperBound, row.body.lastHash != batch.hash {
                    throw CampaignFailure("batch \(seq) of source \(row.source) is not stored as it was sent")
                }
            }
            guard row.body.timedEvents == sent else {
                throw CampaignFailure(
                    "batches \(row.body.seqs) of source \(row.source) hold other events than were sent")
            }
        }
        for row in rows where next[row.source] != row.head + 1 {
            throw CampaignFailure(
                "source \(row.source) ends at \((next[row.source] ?? 1) - 1), its head is \(row.head)")
        }
        if let lost = missing.keys.min(by: { ($0.source, $0.seq) < ($1.source, $1.seq) }) {
            throw CampaignFailure(
                "\(missing.count) accepted batches are missing, first \(lost.seq) of source \(lost.source)")
        }
        let strays = try database.read { db in
            try ["ahead", "conflicts", "quarantine"].filter {
                try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? 0 > 0
            }
        }
        guard strays.isEmpty else {
            let reasons = try database.read { db in
                try String.fetchAll(db, sql: "SELECT DISTINCT reason FROM quarantine LIMIT 5")
            }
            throw CampaignFailure("there are rows in \((strays + reasons).joined(separator: ", "))")
        }
        return compared
    }

    /// The text of each file in the newest editor source that has it.
    func texts() -> [String: [UInt8]] {
        var models: [SourceID: SourceModel] = [:]
        for row in rows where row.kind == .editor {
            for timed in row.body.timedEvents {
                _ = models[row.source, default: SourceModel(source: row.source, lanes: .documents)].apply(timed)
            }
        }
        var texts: [String: [UInt8]] = [:]
        for (_, model) in models.sorted(by: { $0.key < $1.key }) {
            for document in model.documents.values.sorted(by: { $0.number < $1.number }) where !document.isPrivate {
                texts[String(decoding: document.path, as: UTF8.self)] = document.text.bytes
            }
        }
        return texts
    }

    /// How often the editors' texts were given anew because a copy had drifted.
    var resyncs: [String] {
        events(of: .editor).compactMap {
            if case .documentResynced(let resynced) = $0.event.body { resynced.why } else { nil }
        }
    }

    var droppedGaps: Int {
        rows.flatMap { $0.body.timedEvents }.count {
            if case .gap(let gap) = $0.event.body { gap.reason == .dropped } else { false }
        }
    }
}

extension Stage {
    /// Waits until the archive has the text of every buffer. A bridge that found the agent silent asks again after 10 s,
    /// on a machine without time for either of them more than once.
    func expectTexts(of editor: DrivenEditor, patience: Double = 120) throws {
        try editor.pause()
        let texts = try editor.texts()
        var differs = "there is no archive"
        try waitUntil(
            patience, every: 0.1, "the archive has the editor's texts: \(differs)\n\(editor.text.suffix(400))"
        ) {
            let stored = try ArchiveAudit(archiveHome).texts()
            let different = texts.keys.sorted().first { stored[$0] != texts[$0] }
            if let path = different {
                let (known, wanted) = (stored[path].map { String(decoding: $0, as: UTF8.self) }, texts[path] ?? [])
                differs =
                    "\(path) is \(known.map { String($0.suffix(200)) } ?? "unknown"), not "
                    + String(decoding: wanted.suffix(200), as: UTF8.self)
            }
            return different == nil
        }
    }

    func expectSound() throws {
        let verify = try run(["verify"])
        guard verify.status == 0 else { throw CampaignFailure("verify: \(verify.output)") }
    }
}
