import AMQPBridge
import Archive
import EventSchema
import Foundation
import SwiftProtobuf

/// What an archiver says of a person: who follows them now.
public struct WatchingMessage: Sendable, Equatable {
    public var archive: Identifier
    public var user: String
    /// By name, in order.
    public var viewers: [String]

    /// More are not told.
    static let most = 1000

    public init(archive: Identifier, user: String, viewers: [String]) {
        self.archive = archive
        self.user = user
        self.viewers = Array(viewers.prefix(Self.most))
    }

    public var published: AMQPMessage {
        var message = Watching()
        message.version = UInt32(WireMessage.version)
        message.archive = Data(archive.bytes)
        message.viewers = viewers
        return AMQPMessage(
            exchange: BrokerNames.control, routingKey: BrokerNames.watchingKey(user: user),
            properties: AMQPProperties(
                contentType: WireMessage.contentType, headers: ["v": .int(WireMessage.version)], type: "watching",
                userID: BrokerNames.archiver, appID: WireMessage.appID),
            body: (try? message.serializedBytes()) ?? [])
    }

    /// What a message says of `user`, if the archiver said it.
    ///
    /// - Throws: `MessageRefusal`.
    public init(_ received: AMQPMessage, of user: String) throws(MessageRefusal) {
        guard received.routingKey == BrokerNames.watchingKey(user: user) else {
            throw MessageRefusal(
                .key, "the routing key '\(received.routingKey.prefix(200))' is none of \(user)'s viewers")
        }
        guard received.properties.userID == BrokerNames.archiver else {
            throw MessageRefusal(.user, "viewers that the archiver did not tell")
        }
        try Laundering.refuse(received)
        guard let message = try? Watching(serializedBytes: received.body),
            let archive = Identifier(bytes: message.archive), message.viewers.count <= Self.most,
            message.viewers.allSatisfy({ BrokerNames.isUserName($0) })
        else { throw MessageRefusal(.body, "no list of viewers") }
        guard message.version == UInt32(WireMessage.version) else {
            throw MessageRefusal(.version, "viewers of version \(message.version)")
        }
        self.init(archive: archive, user: user, viewers: message.viewers)
    }
}
