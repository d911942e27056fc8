import EventSchema

/// What goes over the agent's socket: four bytes of length (most significant first), one of kind, then the content.
public enum Frame: Sendable, Equatable {
    /// A request or an answer, as JSON.
    case message(JSONValue)
    /// A batch, as the source encoded it.
    case batch([UInt8])
    /// A sealed block of another archive, as it is stored.
    case sealed([UInt8])
    /// Everything of `source` up to `seq` is committed.
    case accepted(SourceID, seq: UInt64)

    /// No frame is larger.
    public static let largest = 64 << 20

    private static let messageKind = UInt8(ascii: "m")
    private static let batchKind = UInt8(ascii: "b")
    private static let sealedKind = UInt8(ascii: "s")
    private static let acceptedKind = UInt8(ascii: "a")

    public var encoded: [UInt8] {
        switch self {
        case .message(let value): Self.frame(Self.messageKind, Array(value.encoded.utf8))
        case .batch(let bytes): Self.frame(Self.batchKind, bytes)
        case .sealed(let bytes): Self.frame(Self.sealedKind, bytes)
        case .accepted(let source, let seq):
            Self.frame(
                Self.acceptedKind, source.bytes + (0..<8).map { UInt8(truncatingIfNeeded: seq >> (56 - 8 * $0)) })
        }
    }

    private static func frame(_ kind: UInt8, _ content: [UInt8]) -> [UInt8] {
        let length = UInt32(clamping: content.count + 1)
        return (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + [kind] + content
    }

    fileprivate static func decode(kind: UInt8, _ content: ArraySlice<UInt8>) throws(SchemaError) -> Frame {
        switch kind {
        case messageKind: return .message(try JSONReader.read(content))
        case batchKind: return .batch(Array(content))
        case sealedKind: return .sealed(Array(content))
        case acceptedKind:
            guard content.count == 24, let source = SourceID(bytes: content.prefix(16)) else {
                throw SchemaError(.malformed, "an acceptance of \(content.count) bytes, not 24")
            }
            return .accepted(source, seq: content.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
        default: throw SchemaError(.malformed, "a frame of unknown kind \(kind)")
        }
    }
}

/// Puts frames together from what a socket delivers.
public struct FrameReader: Sendable {
    private var buffer: [UInt8] = []
    private var consumed = 0

    public init() {}

    /// Takes bytes as they came.
    public mutating func add(_ bytes: some Sequence<UInt8>) {
        if consumed > 0, consumed == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            consumed = 0
        } else if consumed > 1 << 16 {
            buffer.removeFirst(consumed)
            consumed = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame, if there is one.
    ///
    /// - Throws: `SchemaError` when the bytes are no frame; the connection is of no more use then.
    public mutating func next() throws(SchemaError) -> Frame? {
        guard buffer.count - consumed >= 5 else { return nil }
        let length = buffer[consumed..<consumed + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length >= 1, length <= Frame.largest else {
            throw SchemaError(.limit, "a frame of \(length) bytes, not 1 to \(Frame.largest)")
        }
        guard buffer.count - consumed >= 4 + length else { return nil }
        let kind = buffer[consumed + 4]
        let content = buffer[(consumed + 5)..<(consumed + 4 + length)]
        consumed += 4 + length
        return try Frame.decode(kind: kind, content)
    }
}
