import AMQPBridge
import Archive
import EventSchema
import Foundation
import SwiftProtobuf

/// What an archive says of a session: how far it has each of its sources.
public struct WatermarkMessage: Sendable, Equatable {
    public var archive: Identifier
    public var user: String
    public var session: SessionID
    public var heads: [SourceID: SourceHead]

    public init(archive: Identifier, user: String, session: SessionID, heads: [SourceID: SourceHead]) {
        self.archive = archive
        self.user = user
        self.session = session
        self.heads = heads
    }

    /// One message for each session in `heads`.
    public static func messages(of heads: [SourceID: KnownHead], archive: Identifier) -> [WatermarkMessage] {
        var messages: [SessionID: WatermarkMessage] = [:]
        for (source, known) in heads {
            messages[
                known.session,
                default: WatermarkMessage(archive: archive, user: known.user, session: known.session, heads: [:])
            ].heads[source] = known.head
        }
        return messages.values.sorted { $0.session < $1.session }
    }

    public var routingKey: String { BrokerNames.watermarkKey(user: user, session: session) }

    public var published: AMQPMessage {
        var message = Watermarks()
        message.version = UInt32(WireMessage.version)
        message.archive = Data(archive.bytes)
        message.heads = heads.sorted { $0.key < $1.key }.map { source, head in
            var value = HeadOfSource()
            value.source = Data(source.bytes)
            value.seq = head.seq
            value.hash = Data(head.hash?.bytes ?? [])
            return value
        }
        return AMQPMessage(
            exchange: BrokerNames.control, routingKey: routingKey,
            properties: AMQPProperties(
                contentType: WireMessage.contentType, headers: ["v": .int(WireMessage.version)], type: "watermark",
                userID: BrokerNames.archiver, appID: WireMessage.appID),
            body: (try? message.serializedBytes()) ?? [])
    }

    /// What a message says, if the archiver said it.
    ///
    /// - Throws: `MessageRefusal`.
    public init(_ received: AMQPMessage) throws(MessageRefusal) {
        guard received.properties.userID == BrokerNames.archiver else {
            throw MessageRefusal(.user, "a watermark that the archiver did not write")
        }
        try Laundering.refuse(received)
        let words = received.routingKey.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == 4, let session = Identifier(words[3]) else {
            throw MessageRefusal(.key, "the routing key '\(received.routingKey.prefix(200))' is no watermark's")
        }
        guard let message = try? Watermarks(serializedBytes: received.body) else {
            throw MessageRefusal(.body, "no watermark")
        }
        guard message.version == UInt32(WireMessage.version) else {
            throw MessageRefusal(.version, "a watermark of version \(message.version)")
        }
        guard let archive = Identifier(bytes: message.archive) else { throw MessageRefusal(.body, "of no archive") }
        self.init(archive: archive, user: String(words[2]), session: SessionID(session), heads: [:])
        for head in message.heads {
            guard let source = SourceID(bytes: head.source) else { throw MessageRefusal(.body, "of no source") }
            heads[source] = SourceHead(seq: head.seq, hash: ContentHash(bytes: head.hash))
        }
        guard routingKey == received.routingKey else { throw MessageRefusal(.key, "not the key of what it says") }
    }
}
