/// A text whose positions are counted in Unicode code points, and which says at which byte each edit falls.
///
/// Short chunks with their counts, so that an edit costs a walk over the chunks and not over the text.
struct CodePointText {
    private struct Chunk {
        /// Whole code points.
        var bytes: [UInt8]
        var codePoints: Int
    }

    private struct Place {
        var chunk: Int
        var byteInChunk: Int
        /// From the start of the text.
        var byte: Int
    }

    private static let chunkSize = 1024

    private var chunks: [Chunk] = []
    private(set) var codePoints = 0

    init(_ text: [UInt8]) { _ = replace(at: 0, removing: 0, with: text) }

    var bytes: [UInt8] { chunks.flatMap(\.bytes) }

    /// Removes code points at a position and puts `text`, which is UTF-8, there.
    ///
    /// - Returns: the offset and the number of the removed bytes; nil, and no change, outside the text.
    mutating func replace(at position: Int, removing count: Int, with text: [UInt8]) -> (offset: Int, removed: Int)? {
        guard position >= 0, count >= 0, position <= codePoints, count <= codePoints - position else { return nil }
        let start = place(of: position)
        let end = count == 0 ? start : place(of: position + count)
        let added = Self.codePoints(in: text)
        codePoints += added - count

        if start.chunk == end.chunk, start.chunk < chunks.count {
            chunks[start.chunk].bytes.replaceSubrange(start.byteInChunk..<end.byteInChunk, with: text)
            chunks[start.chunk].codePoints += added - count
            if chunks[start.chunk].bytes.count > 2 * Self.chunkSize {
                chunks.replaceSubrange(start.chunk...start.chunk, with: Self.chunks(of: chunks[start.chunk].bytes))
            } else if chunks[start.chunk].bytes.isEmpty {
                chunks.remove(at: start.chunk)
            }
        } else if chunks.isEmpty {
            chunks = Self.chunks(of: text)
        } else {
            let last = min(end.chunk, chunks.count - 1)
            let first = min(start.chunk, last)
            let head =
                start.chunk < chunks.count ? chunks[first].bytes.prefix(start.byteInChunk) : chunks[first].bytes[...]
            let tail = end.chunk < chunks.count ? chunks[last].bytes.dropFirst(end.byteInChunk) : []
            chunks.replaceSubrange(first...last, with: Self.chunks(of: Array(head) + text + tail))
        }
        return (start.byte, end.byte - start.byte)
    }

    /// Where a position is; at the border of two chunks, the start of the second.
    private func place(of position: Int) -> Place {
        var place = Place(chunk: 0, byteInChunk: 0, byte: 0)
        var rest = position
        while place.chunk < chunks.count, rest >= chunks[place.chunk].codePoints {
            rest -= chunks[place.chunk].codePoints
            place.byte += chunks[place.chunk].bytes.count
            place.chunk += 1
        }
        guard rest > 0, place.chunk < chunks.count else { return place }
        let chunk = chunks[place.chunk]
        if chunk.bytes.count == chunk.codePoints {
            place.byteInChunk = rest
        } else {
            while rest > 0 {
                place.byteInChunk += 1
                if place.byteInChunk == chunk.bytes.count || Self.begins(chunk.bytes[place.byteInChunk]) { rest -= 1 }
            }
        }
        place.byte += place.byteInChunk
        return place
    }

    private static func begins(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }

    private static func codePoints(in text: some Sequence<UInt8>) -> Int {
        text.reduce(0) { begins($1) ? $0 + 1 : $0 }
    }

    private static func chunks(of text: [UInt8]) -> [Chunk] {
        var chunks: [Chunk] = []
        var rest = text[...]
        while !rest.isEmpty {
            var count = min(chunkSize, rest.count)
            while count < rest.count, !begins(rest[rest.startIndex + count]) { count += 1 }
            let bytes = Array(rest.prefix(count))
            chunks.append(Chunk(bytes: bytes, codePoints: codePoints(in: bytes)))
            rest = rest.dropFirst(count)
        }
        return chunks
    }
}
