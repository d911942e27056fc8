import Foundation

/// Long text on its way: cut into pieces before the event that uses it, put together again behind.
public enum ContentPieces {
    /// The most bytes of a content that stay inside the event; longer ones go as pieces.
    public static let inlineLimit = 16 * 1024

    /// The content for `bytes`, and the piece events that must go before the event that holds it.
    public static func make(_ bytes: Data) -> (pieces: [Event], content: Content) {
        var content = Content()
        content.size = UInt64(bytes.count)
        guard bytes.count > inlineLimit else {
            content.inline = bytes
            return ([], content)
        }
        let hash = Data(ContentHash(of: bytes).bytes)
        content.hash = hash
        let pieces = stride(from: 0, to: bytes.count, by: BatchCodec.largestEvent).map { offset in
            var piece = Piece()
            piece.hash = hash
            piece.offset = UInt64(offset)
            piece.data = Data(bytes.dropFirst(offset).prefix(BatchCodec.largestEvent))
            return Event(.piece(piece))
        }
        return (pieces, content)
    }
}

/// Collects the pieces of one source and gives the contents made of them.
public struct ContentAssembler: Sendable, Equatable {
    /// No content is larger; pieces beyond are refused.
    public static let largestContent = 256 << 20

    public private(set) var pending: [Data: Data] = [:]

    public init() {}

    public init(pending: [Data: Data]) { self.pending = pending }

    /// Takes a piece. A piece that does not continue what is there starts its content anew if its offset is 0.
    ///
    /// - Throws: `SchemaError(.value)` if it fits nowhere, `.limit` if the content grows too large.
    public mutating func add(_ piece: Piece) throws(SchemaError) {
        let have = UInt64(pending[piece.hash]?.count ?? 0)
        if piece.offset == 0 {
            pending[piece.hash] = Data(piece.data)
        } else if piece.offset == have {
            guard have + UInt64(piece.data.count) <= Self.largestContent else {
                throw SchemaError(.limit, "a content of more than \(Self.largestContent) bytes", at: "piece")
            }
            pending[piece.hash, default: Data()].append(piece.data)
        } else {
            throw SchemaError(.value, "a piece at \(piece.offset) where \(have) bytes are known", at: "piece.offset")
        }
    }

    /// The bytes of a content; its pieces are let go.
    ///
    /// - Throws: `SchemaError(.value)` if pieces are missing or do not have the hash.
    public mutating func take(_ content: Content) throws(SchemaError) -> Data {
        guard !content.hash.isEmpty else { return content.inline }
        guard let bytes = pending[content.hash] else {
            throw SchemaError(.value, "the pieces of a content are missing", at: "content.hash")
        }
        guard UInt64(bytes.count) == content.size, Data(ContentHash(of: bytes).bytes) == content.hash else {
            throw SchemaError(.value, "the pieces of a content are not whole", at: "content.hash")
        }
        pending[content.hash] = nil
        return bytes
    }
}
