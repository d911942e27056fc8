import EventSchema
import Foundation
import GRDB

/// Writes a `SessionBundle`, row by row as the archive has them.
public struct SessionBundleWriter {
    private let write: ([UInt8]) throws -> Void
    private let hasher = ContentHasher()

    /// - Parameter write: takes the file's bytes, in order.
    public init(write: @escaping ([UInt8]) throws -> Void) { self.write = write }

    /// Writes sessions, and the end of the file.
    ///
    /// - Throws: `ArchiveError` if a row cannot be read, and what `write` throws; what was written is no bundle then.
    public mutating func write(_ sessions: [SessionID], of reader: ArchiveReader) throws {
        try put(SessionBundle.magic + [SessionBundle.version])
        for session in sessions {
            for source in try reader.sources(of: session) {
                try reader.forEachStoredBody(of: source.id) { stored in
                    do { _ = try StoredBlock.read(Data(stored)) } catch {
                        throw ArchiveError(
                            .damaged, "source \(source.id) cannot be read: \(error); `playhead verify` says more")
                    }
                    try record(SessionBundle.partKind, stored)
                }
            }
        }
        guard let hash = hasher.hash else { throw ArchiveError(.failed, "there is no memory for the bundle's hash") }
        try record(SessionBundle.endKind, hash.bytes)
    }

    private mutating func record(_ kind: UInt8, _ content: [UInt8]) throws {
        let length = UInt32(clamping: content.count)
        try put([kind] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) })
        try put(content)
    }

    private mutating func put(_ bytes: [UInt8]) throws {
        hasher.add(bytes)
        try write(bytes)
    }
}

extension ArchiveReader {
    /// The bodies of a source as they are stored, in order, one at a time.
    func forEachStoredBody(of source: SourceID, _ body: ([UInt8]) throws -> Void) throws {
        try archive.read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT b.body FROM blocks b JOIN sources s ON s.id = b.source WHERE s.source = ? ORDER BY b.first
                    """, arguments: [Data(source.bytes)])
            while let row = try rows.next() {
                let stored: Data = row["body"]
                try body(Array(stored))
            }
        }
    }
}
