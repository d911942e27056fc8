import AMQPBridge
import Archive
import EventSchema
import Foundation
import SwiftProtobuf

/// What travels from a publisher to an archive and to followers: a batch as its source wrote it, a sealed block as it
/// is stored, or the word that batches will never come. `docs/WIRE.md` describes it for other languages.
public struct WireMessage: Sendable, Equatable {
    public enum Content: Sendable {
        case batch(CheckedBatch)
        /// The stored body, and what it reads as.
        case block([UInt8], DecodedSealedBlock)
        case lost(LostRange, reason: String)
    }

    /// The publishing login.
    public var user: String
    public var kind: SourceKind
    public var content: Content

    public init(user: String, kind: SourceKind, content: Content) {
        self.user = user
        self.kind = kind
        self.content = content
    }

    /// Of the headers and of the body's `version`.
    public static let version: Int64 = 1
    public static let contentType = "application/vnd.playhead+protobuf"
    public static let appID = "playhead"
    /// The values of `type`.
    static let batchType = "batch"
    static let blockType = "block"
    static let lostType = "lost"
    /// No message is larger; a batch is far smaller, a sealed block never comes near.
    public static let largest = BlockBody.largestBlock

    public var source: SourceID {
        switch content {
        case .batch(let batch): batch.source
        case .block(_, let block): block.source
        case .lost(let range, _): range.source
        }
    }

    public var session: SessionID {
        switch content {
        case .batch(let batch): batch.session
        case .block(_, let block): block.session
        case .lost(let range, _): range.session
        }
    }

    public var seqs: ClosedRange<UInt64> {
        switch content {
        case .batch(let batch): batch.seq...batch.seq
        case .block(_, let block): block.firstSeq...block.lastSeq
        case .lost(let range, _): range.seqs
        }
    }

    /// The hash of the last batch in it.
    public var lastHash: ContentHash {
        switch content {
        case .batch(let batch): batch.hash
        case .block(_, let block): block.lastHash
        case .lost(let range, _): range.lastHash
        }
    }

    public var type: String {
        switch content {
        case .batch: Self.batchType
        case .block: Self.blockType
        case .lost: Self.lostType
        }
    }

    /// The bytes that travel.
    public var body: [UInt8] {
        switch content {
        case .batch(let batch): return batch.encoded
        case .block(let stored, _): return stored
        case .lost(let range, let reason):
            var message = LostBatches()
            message.version = UInt32(Self.version)
            message.source = Data(range.source.bytes)
            message.session = Data(range.session.bytes)
            message.firstSeq = range.seqs.lowerBound
            message.lastSeq = range.seqs.upperBound
            message.lastHash = Data(range.lastHash.bytes)
            message.reason = reason
            return (try? message.serializedBytes()) ?? []
        }
    }

    /// The message as it is published: persistent for the archive, transient for those who follow now.
    public func published(to exchange: String = BrokerNames.events) -> AMQPMessage {
        var headers: AMQPTable = ["v": .int(Self.version), "hash": .string(lastHash.description)]
        if case .batch(let batch) = content {
            headers["seq"] = .int(Int64(clamping: batch.seq))
        } else {
            headers["first"] = .int(Int64(clamping: seqs.lowerBound))
            headers["last"] = .int(Int64(clamping: seqs.upperBound))
        }
        return AMQPMessage(
            exchange: exchange, routingKey: "\(user).\(session).\(kind.word).\(source)",
            properties: AMQPProperties(
                contentType: Self.contentType, headers: headers, persistent: exchange == BrokerNames.events,
                messageID: "\(source):\(seqs.upperBound)", type: type, userID: user, appID: Self.appID),
            body: body)
    }

    public static func == (a: WireMessage, b: WireMessage) -> Bool {
        a.user == b.user && a.kind == b.kind && a.type == b.type && a.body == b.body
    }
}
