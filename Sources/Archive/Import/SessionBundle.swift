import EventSchema
import Foundation
import GRDB

/// A `.playhead` file: sessions with every batch and sealed block as an archive has them, and a hash over all of it.
///
/// The form: the 8 bytes `PLAYHEAD`, a version byte, then records of a kind byte, a length (4 bytes, most significant
/// first) and that many bytes; the last record holds the SHA-256 of everything before it.
public struct SessionBundle: Sendable {
    /// What one record holds: a row of `blocks`.
    public struct Part: Sendable {
        /// The body as it is stored.
        public let stored: [UInt8]
        public let body: BlockBody
    }

    /// A source with its parts, which follow each other from seq 1.
    public struct Source: Sendable {
        public var id: SourceID
        public var session: SessionID
        public var parts: [Part]
    }

    public static let magic = Array("PLAYHEAD".utf8)
    public static let version: UInt8 = 1

    private static let partKind = UInt8(ascii: "p")
    private static let endKind = UInt8(ascii: "e")

    public private(set) var sources: [Source] = []

    /// The sessions in it, each once.
    public var sessions: [SessionID] {
        var seen: Set<SessionID> = []
        return sources.map(\.session).filter { seen.insert($0).inserted }
    }

    public static func isBundle(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// Sessions out of an archive.
    public init(of sessions: [SessionID], in reader: ArchiveReader) throws(ArchiveError) {
        for session in sessions {
            for source in try reader.sources(of: session) {
                let parts = try reader.storedBodies(of: source.id).map { stored throws(ArchiveError) in
                    do { return Part(stored: stored, body: try StoredBlock.read(Data(stored))) } catch {
                        throw ArchiveError(
                            .damaged, "source \(source.id) cannot be read: \(error); `playhead verify` says more")
                    }
                }
                sources.append(Source(id: source.id, session: session, parts: parts))
            }
        }
    }

    /// The file.
    public var encoded: [UInt8] {
        var bytes = Self.magic + [Self.version]
        func add(_ kind: UInt8, _ content: [UInt8]) {
            bytes.append(kind)
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: UInt32(clamping: content.count) >> (24 - 8 * $0)) }
            bytes += content
        }
        for part in sources.flatMap(\.parts) { add(Self.partKind, part.stored) }
        let hash = ContentHash(of: bytes)
        add(Self.endKind, hash.bytes)
        return bytes
    }

    /// Reads a file.
    ///
    /// - Throws: `ImportError` with the byte where it is damaged and why; nothing of a damaged file is taken.
    public init(bytes: [UInt8], name: String) throws(ImportError) {
        func damaged(_ place: Int, _ reason: String) -> ImportError {
            ImportError(file: name, "damaged at byte \(place): \(reason)")
        }
        guard bytes.starts(with: Self.magic) else { throw damaged(0, "not a Playhead bundle") }
        guard bytes.count > 9 else { throw damaged(bytes.count, "it ends in its first line") }
        guard bytes[8] == Self.version else {
            throw ImportError(
                .unsupported, file: name, "a bundle of version \(bytes[8]); this program knows \(Self.version)")
        }
        try checkHash(bytes, damaged)
        var places: [SourceID: Int] = [:]
        var position = 9
        while bytes[position] != Self.endKind {
            let length = Self.length(bytes, position)
            let stored = Array(bytes[(position + 5)..<(position + 5 + length)])
            do {
                let body = try StoredBlock.read(Data(stored))
                guard add(Part(stored: stored, body: body), &places) else {
                    throw ImportError(
                        file: name, "damaged at byte \(position): a block does not follow the one before it")
                }
            } catch let error as ImportError {
                throw error
            } catch {
                throw damaged(position, "\(error)")
            }
            position += 5 + length
        }
    }

    private static func length(_ bytes: [UInt8], _ position: Int) -> Int {
        bytes[(position + 1)..<(position + 5)].reduce(0) { $0 << 8 | Int($1) }
    }

    /// Goes over the records to the last one, whose hash covers all before it.
    private func checkHash(_ bytes: [UInt8], _ damaged: (Int, String) -> ImportError) throws(ImportError) {
        var position = 9
        while true {
            guard position + 5 <= bytes.count else { throw damaged(position, "it ends before its last record") }
            let end = position + 5 + Self.length(bytes, position)
            guard end <= bytes.count else { throw damaged(position, "a record is cut off") }
            switch bytes[position] {
            case Self.partKind: position = end
            case Self.endKind:
                guard Array(bytes[(position + 5)..<end]) == ContentHash(of: bytes[..<position]).bytes else {
                    throw damaged(position, "its content is not what was written")
                }
                guard end == bytes.count else { throw damaged(end, "more after its end") }
                return
            default: throw damaged(position, "a record of unknown kind \(bytes[position])")
            }
        }
    }

    /// False if the part does not follow what is there of its source.
    private mutating func add(_ part: Part, _ places: inout [SourceID: Int]) -> Bool {
        if let place = places[part.body.source] {
            guard let last = sources[place].parts.last, part.body.session == sources[place].session,
                part.body.seqs.lowerBound == last.body.seqs.upperBound + 1, part.body.previousHash == last.body.lastHash
            else { return false }
            sources[place].parts.append(part)
            return true
        }
        guard part.body.seqs.lowerBound == 1, part.body.previousHash == nil else { return false }
        places[part.body.source] = sources.count
        sources.append(Source(id: part.body.source, session: part.body.session, parts: [part]))
        return true
    }
}

extension BlockBody {
    /// Whose batches they are.
    public var source: SourceID {
        switch self {
        case .batch(let batch): batch.source
        case .sealed(let block): block.source
        }
    }

    /// The session they are of.
    public var session: SessionID {
        switch self {
        case .batch(let batch): batch.session
        case .sealed(let block): block.session
        }
    }
}

extension ArchiveReader {
    /// The bodies of a source as they are stored, in order.
    func storedBodies(of source: SourceID) throws(ArchiveError) -> [[UInt8]] {
        do {
            return try archive.read { db in
                try Data.fetchAll(
                    db,
                    sql: """
                        SELECT b.body FROM blocks b JOIN sources s ON s.id = b.source WHERE s.source = ? ORDER BY b.first
                        """, arguments: [Data(source.bytes)]
                ).map(Array.init)
            }
        } catch {
            throw ArchiveError(translating: error, doing: "read source \(source)")
        }
    }
}
