import EventSchema
import Foundation

/// A `.playhead` file: sessions with every batch and sealed block as an archive has them, and a hash over all of it.
///
/// The form: the 8 bytes `PLAYHEAD`, a version byte, then records of a kind byte, a length (4 bytes, most significant
/// first) and that many bytes; the last record holds the SHA-256 of everything before it.
///
/// It is read record by record, however large it is.
public struct SessionBundle: Sendable {
    /// What one record holds: a row of `blocks`.
    public struct Part: Sendable {
        /// The body as it is stored.
        public let stored: [UInt8]
        public let body: BlockBody
    }

    /// A source, whose parts follow each other from seq 1.
    public struct Source: Sendable {
        public var id: SourceID
        public var session: SessionID
        public var lastSeq: UInt64
        fileprivate var lastHash: ContentHash
    }

    public static let magic = Array("PLAYHEAD".utf8)
    public static let version: UInt8 = 1

    static let partKind = UInt8(ascii: "p")
    static let endKind = UInt8(ascii: "e")
    /// No body is larger: no agent would take it.
    static let largestPart = 64 << 20

    private let file: URL
    private let name: String
    public private(set) var sources: [Source] = []

    /// The sessions in it, each once.
    public var sessions: [SessionID] {
        var seen: Set<SessionID> = []
        return sources.map(\.session).filter { seen.insert($0).inserted }
    }

    public static func isBundle(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// Goes over a file once for its hash and once for its content.
    ///
    /// - Parameter name: as the person gave it, for errors.
    /// - Throws: `ImportError` with the byte where it is damaged and why; nothing of a damaged file is taken.
    public init(file: URL, name: String) throws(ImportError) {
        self.file = file
        self.name = name
        try checkHash()
        var places: [SourceID: Int] = [:]
        var parts = try BundleParts(file, name: name)
        while let (place, part) = try parts.next() {
            guard add(part.body, &places) else {
                throw parts.damaged(place, "a block does not follow the one before it")
            }
        }
    }

    /// The parts in the order of the file.
    public func forEachPart(_ body: (Part) throws -> Void) throws {
        var parts = try BundleParts(file, name: name)
        while let (_, part) = try parts.next() { try body(part) }
    }

    /// Goes over the records to the last one, whose hash covers all before it.
    private func checkHash() throws(ImportError) {
        var reader = try BundleReader(file, name: name)
        let damaged = reader.damaged
        let hasher = ContentHasher()
        let head = try reader.read(9)
        guard head.starts(with: Self.magic) else { throw damaged(0, "not a Playhead bundle") }
        guard head.count == 9, reader.size > 9 else { throw damaged(reader.size, "it ends in its first line") }
        guard head[8] == Self.version else {
            throw ImportError(
                .unsupported, file: name, "a bundle of version \(head[8]); this program knows \(Self.version)")
        }
        hasher.add(head)
        while true {
            let place = reader.place
            let start = try reader.read(5)
            guard start.count == 5 else { throw damaged(place, "it ends before its last record") }
            var rest = Self.length(start)
            guard rest <= reader.size - reader.place else { throw damaged(place, "a record is cut off") }
            switch start[0] {
            case Self.partKind:
                hasher.add(start)
                while rest > 0 {
                    let bytes = try reader.read(min(rest, 1 << 20))
                    guard !bytes.isEmpty else { throw damaged(place, "a record is cut off") }
                    hasher.add(bytes)
                    rest -= bytes.count
                }
            case Self.endKind:
                guard rest == 32, try reader.read(32) == hasher.hash?.bytes else {
                    throw damaged(place, "its content is not what was written")
                }
                guard reader.place == reader.size else { throw damaged(reader.place, "more after its end") }
                return
            default: throw damaged(place, "a record of unknown kind \(start[0])")
            }
        }
    }

    fileprivate static func length(_ start: [UInt8]) -> Int { start[1..<5].reduce(0) { $0 << 8 | Int($1) } }

    /// False if the part does not follow what is there of its source.
    private mutating func add(_ body: BlockBody, _ places: inout [SourceID: Int]) -> Bool {
        let (first, last) = (body.seqs.lowerBound, body.seqs.upperBound)
        if let place = places[body.source] {
            let before = sources[place]
            guard body.session == before.session, first == before.lastSeq &+ 1, body.previousHash == before.lastHash
            else { return false }
            (sources[place].lastSeq, sources[place].lastHash) = (last, body.lastHash)
            return true
        }
        guard first == 1, body.previousHash == nil else { return false }
        places[body.source] = sources.count
        sources.append(Source(id: body.source, session: body.session, lastSeq: last, lastHash: body.lastHash))
        return true
    }
}

/// Reads a bundle's file from its beginning.
private struct BundleReader {
    private let handle: FileHandle
    private let name: String
    let size: Int
    /// Bytes read so far.
    private(set) var place = 0

    init(_ file: URL, name: String) throws(ImportError) {
        self.name = name
        do {
            handle = try FileHandle(forReadingFrom: file)
            size = Int(clamping: try handle.seekToEnd())
            try handle.seek(toOffset: 0)
        } catch {
            throw ImportError(file: name, "cannot be read: \(error.localizedDescription)")
        }
    }

    func damaged(_ place: Int, _ reason: String) -> ImportError {
        ImportError(file: name, "damaged at byte \(place): \(reason)")
    }

    /// Fewer bytes only at the end.
    mutating func read(_ count: Int) throws(ImportError) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            while bytes.count < count, let more = try handle.read(upToCount: count - bytes.count), !more.isEmpty {
                bytes += more
            }
        } catch {
            throw ImportError(file: name, "cannot be read: \(error.localizedDescription)")
        }
        place += bytes.count
        return bytes
    }
}

/// The parts of a file whose hash is right, decoded one by one.
private struct BundleParts {
    private var reader: BundleReader

    init(_ file: URL, name: String) throws(ImportError) {
        reader = try BundleReader(file, name: name)
        _ = try reader.read(9)
    }

    func damaged(_ place: Int, _ reason: String) -> ImportError { reader.damaged(place, reason) }

    mutating func next() throws(ImportError) -> (place: Int, part: SessionBundle.Part)? {
        let place = reader.place
        let start = try reader.read(5)
        guard start.count == 5 else { throw damaged(place, "it ends before its last record") }
        guard start[0] != SessionBundle.endKind else { return nil }
        let length = SessionBundle.length(start)
        guard length <= SessionBundle.largestPart else { throw damaged(place, "a record of \(length) bytes") }
        let stored = try reader.read(length)
        guard stored.count == length else { throw damaged(place, "a record is cut off") }
        do {
            return (place, SessionBundle.Part(stored: stored, body: try StoredBlock.read(Data(stored))))
        } catch {
            throw damaged(place, "\(error)")
        }
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
