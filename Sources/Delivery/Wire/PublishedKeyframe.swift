import AMQPBridge
import Archive
import EventSchema
import Foundation
import Model
import SwiftProtobuf

/// The state of a source that its publisher tells on `playhead.live`, for followers whom no archive answers.
public struct PublishedKeyframe: Sendable {
    public var source: FollowedSource
    /// The batch it is the state after.
    public var head: SourceHead
    public var model: SourceModel

    /// The value of `type`.
    public static let type = "keyframe"
    /// No larger state is told this way.
    public static let largestState = 6 << 20

    public init(source: FollowedSource, head: SourceHead, model: SourceModel) {
        self.source = source
        self.head = head
        self.model = model
    }

    /// What the body of a message says.
    ///
    /// - Parameters:
    ///   - user: the login the broker vouches for.
    ///   - kind: as the routing key has it.
    /// - Throws: `MessageRefusal(.body)` or `.version`.
    init(body: [UInt8], user: String, kind: SourceKind) throws(MessageRefusal) {
        guard let message = try? LiveKeyframe(serializedBytes: body) else {
            throw MessageRefusal(.body, "no keyframe")
        }
        guard Int64(message.version) == WireMessage.version else {
            throw MessageRefusal(.version, "a keyframe of version \(message.version)")
        }
        guard let id = SourceID(bytes: message.source), let session = SessionID(bytes: message.session),
            let hash = ContentHash(bytes: message.hash), message.seq >= 1, message.seq < UInt64(Int64.max)
        else { throw MessageRefusal(.body, "a keyframe that names nothing") }
        let model: SourceModel
        do throws(ModelError) { model = try SourceModel(encodedState: [UInt8](message.state)) } catch {
            throw MessageRefusal(.body, "a keyframe without a state: \(error.message)")
        }
        guard model.source == id, model.seq == message.seq else {
            throw MessageRefusal(.body, "a keyframe with the state of another moment")
        }
        self.init(
            source: FollowedSource(id: id, session: session, user: user, kind: kind),
            head: SourceHead(seq: message.seq, hash: hash), model: model)
    }

    /// The message as it is published; nil where the state is too large or cannot be written.
    public var published: AMQPMessage? {
        guard let state = try? model.encodedState(), state.count <= Self.largestState else { return nil }
        var message = LiveKeyframe()
        message.version = UInt32(WireMessage.version)
        message.source = Data(source.id.bytes)
        message.session = Data(source.session.bytes)
        message.seq = head.seq
        message.hash = Data(head.hash?.bytes ?? [])
        message.state = Data(state)
        return AMQPMessage(
            exchange: BrokerNames.live,
            routingKey: "\(source.user).\(source.session).\(source.kind.word).\(source.id)",
            properties: AMQPProperties(
                contentType: WireMessage.contentType, headers: ["v": .int(WireMessage.version)],
                messageID: "\(source.id):\(head.seq)", type: Self.type, userID: source.user, appID: WireMessage.appID),
            body: (try? message.serializedBytes()) ?? [])
    }
}
