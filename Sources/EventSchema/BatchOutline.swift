import SwiftProtobuf

/// A batch in the form in which this program writes it: every field once, in order of number, none unknown. An archiver
/// reads little else, and this reads it several times faster than the general reader, which allocates for each field.
struct BatchOutline {
    var source: SourceID
    var session: SessionID
    var seq: UInt64
    var previous: ContentHash?
    var timeUs: Int64
    var events: [Event]

    /// Nil if it has another form, or is no batch at all: the general reader says which.
    init?(_ encoded: [UInt8]) {
        var fields = Fields(encoded)
        guard fields.take(tag: 1, .varint), fields.varint() == UInt64(BatchCodec.version),
            fields.take(tag: 2, .bytes), let source = fields.bytes(), let source = SourceID(bytes: encoded[source]),
            fields.take(tag: 3, .bytes), let session = fields.bytes(), let session = SessionID(bytes: encoded[session]),
            fields.take(tag: 4, .varint), let seq = fields.varint()
        else { return nil }
        self.source = source
        self.session = session
        self.seq = seq
        if fields.take(tag: 5, .bytes) {
            guard let hash = fields.bytes(), let hash = ContentHash(bytes: encoded[hash]) else { return nil }
            previous = hash
        }
        timeUs = 0
        if fields.take(tag: 6, .varint) {
            guard let zigzag = fields.varint() else { return nil }
            timeUs = Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1)
        }
        events = []
        while !fields.isAtEnd {
            guard fields.take(tag: 7, .bytes), let range = fields.bytes(),
                let event = try? Event(serializedBytes: Array(encoded[range]))
            else { return nil }
            events.append(event)
        }
    }
}

/// The fields of an encoded message, one after the other.
private struct Fields {
    enum Kind: UInt8 {
        case varint = 0
        case bytes = 2
    }

    private let encoded: [UInt8]
    private var place = 0

    init(_ encoded: [UInt8]) { self.encoded = encoded }

    var isAtEnd: Bool { place == encoded.count }

    /// Whether the next field is this one; then its value is next. `tag` is below 16.
    mutating func take(tag: UInt8, _ kind: Kind) -> Bool {
        guard place < encoded.count, encoded[place] == tag << 3 | kind.rawValue else { return false }
        place += 1
        return true
    }

    mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while place < encoded.count, shift < 63 {
            let byte = encoded[place]
            place += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        // The tenth byte holds one bit.
        guard place < encoded.count, encoded[place] <= 1 else { return nil }
        place += 1
        return value | UInt64(encoded[place - 1]) << 63
    }

    /// Where the bytes are.
    mutating func bytes() -> Range<Int>? {
        guard let count = varint(), count <= UInt64(encoded.count - place) else { return nil }
        defer { place += Int(count) }
        return place..<(place + Int(count))
    }
}
