import EventSchema
import Foundation

/// A `.playhead` file: sessions with every batch or sealed block as the archive has them, and a hash over all of it.
///
/// The form: the 8 bytes `PLAYHEAD`, a version byte, then records of a kind byte, a length (4 bytes, most significant
/// first) and that many bytes; the last record holds the SHA-256 of everything before it.
public struct Bundle: Sendable {
    /// A source with its batches; sealed blocks are sent as they are and become batches of the same events.
    public struct Source: Sendable {
        public var id: SourceID
        public var batches: [CheckedBatch]
    }

    public static let magic = Array("PLAYHEAD".utf8)
    public static let version: UInt8 = 1

    private static let batchKind = UInt8(ascii: "b")
    private static let endKind = UInt8(ascii: "e")

    public var sources: [Source]

    /// The sessions in it, each once.
    public var sessions: [SessionID] {
        var seen: Set<SessionID> = []
        return sources.flatMap(\.batches).map(\.session).filter { seen.insert($0).inserted }
    }

    public init(sources: [Source]) { self.sources = sources }

    public static func isBundle(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// The file.
    public var encoded: [UInt8] {
        var bytes = Self.magic + [Self.version]
        func add(_ kind: UInt8, _ content: [UInt8]) {
            bytes.append(kind)
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: UInt32(clamping: content.count) >> (24 - 8 * $0)) }
            bytes += content
        }
        for batch in sources.flatMap(\.batches) { add(Self.batchKind, batch.encoded) }
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
            throw ImportError(.unsupported, file: name, "a bundle of version \(bytes[8]); this program knows \(Self.version)")
        }
        sources = []
        var places: [SourceID: Int] = [:]
        var position = 9
        while true {
            guard position + 5 <= bytes.count else { throw damaged(position, "it ends before its last record") }
            let length = bytes[(position + 1)..<(position + 5)].reduce(0) { $0 << 8 | Int($1) }
            guard position + 5 + length <= bytes.count else { throw damaged(position, "a record is cut off") }
            let content = Array(bytes[(position + 5)..<(position + 5 + length)])
            switch bytes[position] {
            case Self.batchKind:
                let batch: CheckedBatch
                do { batch = try BatchCodec.decode(content) } catch { throw damaged(position, error.description) }
                if let place = places[batch.source] {
                    guard let last = sources[place].batches.last, batch.seq == last.seq + 1, batch.previous == last.hash else {
                        throw damaged(position, "batch \(batch.seq) does not follow the one before it")
                    }
                    sources[place].batches.append(batch)
                } else {
                    places[batch.source] = sources.count
                    sources.append(Source(id: batch.source, batches: [batch]))
                }
            case Self.endKind:
                guard content == ContentHash(of: bytes[..<position]).bytes else {
                    throw damaged(position, "its content is not what was written")
                }
                guard position + 5 + length == bytes.count else { throw damaged(position + 5 + length, "more after its end") }
                return
            default: throw damaged(position, "a record of unknown kind \(bytes[position])")
            }
            position += 5 + length
        }
    }
}
