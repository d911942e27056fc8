import AMQPBridge
import Archive
import EventSchema
import Foundation
import SwiftProtobuf

/// The checks that every receiver makes, archive and follower alike, before it believes anything in a message.
///
/// The broker vouches for `user_id` and lets nobody write under another's key; but a key can be copied (`CC`, `BCC`) or
/// laundered through a dead-letter exchange, and a body can say anything.
///
/// Not thread-safe: the unpacker's tables are used by one check at a time.
public final class MessageCheck {
    /// Reads packed blocks. One of them holds up to `BlockBody.largestBlock`.
    private let unpacker: ZstdDecompressor
    /// Keys that were read: a source writes all its messages under one.
    private var keys: [String: RoutingKey] = [:]
    private static let mostKeys = 4096

    /// - Throws: `ZstdError` where there is no memory.
    public init() throws { unpacker = try ZstdDecompressor() }

    /// What a message says that is meant for an archive, and for followers as well.
    ///
    /// - Throws: `MessageRefusal` with what is wrong first.
    public func check(_ received: AMQPMessage) throws(MessageRefusal) -> WireMessage {
        let (key, headers) = try envelope(of: received)
        let message = WireMessage(
            user: key.user, kind: SourceKind(word: key.kind), content: try content(of: received))
        guard message.source == key.source, message.session == key.session else {
            throw MessageRefusal(
                .place, "the body is of session \(message.session), source \(message.source), not as the key says")
        }
        try check(headers, message)
        return message
    }

    /// What a keyframe says, that only followers take.
    ///
    /// - Throws: `MessageRefusal` with what is wrong first.
    public func checkKeyframe(_ received: AMQPMessage) throws(MessageRefusal) -> PublishedKeyframe {
        let (key, _) = try envelope(of: received)
        let keyframe = try PublishedKeyframe(body: received.body, user: key.user, kind: SourceKind(word: key.kind))
        guard keyframe.source.id == key.source, keyframe.source.session == key.session else {
            throw MessageRefusal(
                .place,
                "the keyframe is of session \(keyframe.source.session), source \(keyframe.source.id), not as the key says"
            )
        }
        return keyframe
    }

    /// Everything that needs no look into the body.
    private func envelope(of received: AMQPMessage) throws(MessageRefusal) -> (RoutingKey, Headers) {
        guard let key = key(received.routingKey) else {
            throw MessageRefusal(.key, "the routing key '\(received.routingKey.prefix(200))' has not the form")
        }
        guard let user = received.properties.userID, user == key.user else {
            throw MessageRefusal(
                .user,
                "under the key of \(key.user) writes \(received.properties.userID.map { "'\($0.prefix(64))'" } ?? "nobody")"
            )
        }
        let headers = Headers(received.properties.headers)
        if let name = headers.laundering { throw MessageRefusal(.laundered, "it has a header \(name)") }
        guard received.body.count <= WireMessage.largest else {
            throw MessageRefusal(.size, "\(received.body.count) bytes, more than \(WireMessage.largest)")
        }
        guard headers.version == .int(WireMessage.version) else {
            throw MessageRefusal(.version, "header v is \(Self.text(headers.version)), not \(WireMessage.version)")
        }
        return (key, headers)
    }

    private func key(_ text: String) -> RoutingKey? {
        if let known = keys[text] { return known }
        guard let key = RoutingKey(text) else { return nil }
        if keys.count >= Self.mostKeys { keys = [:] }
        keys[text] = key
        return key
    }

    private func content(of received: AMQPMessage) throws(MessageRefusal) -> WireMessage.Content {
        switch received.properties.type {
        case WireMessage.batchType:
            do throws(SchemaError) { return .batch(try BatchCodec.decode(received.body)) } catch {
                throw MessageRefusal(.body, "no batch: \(error)")
            }
        case WireMessage.blockType:
            do throws(SealingError) {
                if case .sealed(let block) = try BlockBody(stored: received.body, with: unpacker) {
                    return .block(received.body, block)
                }
            } catch {
                throw MessageRefusal(.body, "no sealed block: \(error)")
            }
            throw MessageRefusal(.body, "no sealed block: a single batch")
        case WireMessage.lostType: return try lost(received.body)
        default:
            throw MessageRefusal(
                .headers, "the type '\((received.properties.type ?? "").prefix(64))' is none this knows")
        }
    }

    private func lost(_ body: [UInt8]) throws(MessageRefusal) -> WireMessage.Content {
        guard let lost = try? LostBatches(serializedBytes: body) else { throw MessageRefusal(.body, "no lost range") }
        guard Int64(lost.version) == WireMessage.version else {
            throw MessageRefusal(.body, "a lost range of version \(lost.version)")
        }
        guard let source = SourceID(bytes: lost.source), let session = SessionID(bytes: lost.session),
            let hash = ContentHash(bytes: lost.lastHash), lost.firstSeq >= 1, lost.lastSeq >= lost.firstSeq,
            lost.lastSeq < UInt64(Int64.max)
        else { throw MessageRefusal(.body, "a lost range that names nothing") }
        let range = LostRange(
            source: source, session: session, seqs: lost.firstSeq...lost.lastSeq, lastHash: hash)
        return .lost(range, reason: String(lost.reason.prefix(200)))
    }

    private func check(_ headers: Headers, _ message: WireMessage) throws(MessageRefusal) {
        func check(_ name: String, _ field: AMQPValue?, _ value: UInt64) throws(MessageRefusal) {
            guard field == .int(Int64(clamping: value)) else {
                throw MessageRefusal(.headers, "header \(name) is \(Self.text(field)), not \(value)")
            }
        }
        if case .batch(let batch) = message.content {
            try check("seq", headers.seq, batch.seq)
        } else {
            try check("first", headers.first, message.seqs.lowerBound)
            try check("last", headers.last, message.seqs.upperBound)
        }
        guard case .string(let hash) = headers.hash, message.lastHash.isWritten(as: hash) else {
            throw MessageRefusal(.headers, "header hash is not that of the body")
        }
    }

    /// The headers that are checked, found in one pass: a message has hardly others.
    private struct Headers {
        var version: AMQPValue?
        var hash: AMQPValue?
        var seq: AMQPValue?
        var first: AMQPValue?
        var last: AMQPValue?
        /// One that no honest publisher sets.
        var laundering: String?

        init(_ table: AMQPTable) {
            for (name, value) in table {
                switch name {
                case "v": version = value
                case "hash": hash = value
                case "seq": seq = value
                case "first": first = value
                case "last": last = value
                default: if Laundering.isHeader(name) { laundering = name }
                }
            }
        }
    }

    private static func text(_ field: AMQPValue?) -> String {
        switch field {
        case .int(let number): "\(number)"
        case .string(let text): "'\(text.prefix(64))'"
        case nil: "missing"
        default: "neither a number nor text"
        }
    }
}

extension ContentHash {
    /// Whether `text` are the hash's 64 hexadecimal digits.
    fileprivate func isWritten(as text: String) -> Bool {
        var text = text
        return text.withUTF8 { digits in
            guard digits.count == 64 else { return false }
            for (index, byte) in bytes.enumerated()
            where digits[2 * index] != Self.digits[Int(byte >> 4)]
                || digits[2 * index + 1] != Self.digits[Int(byte & 15)]
            {
                return false
            }
            return true
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
