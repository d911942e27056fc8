import AMQPBridge
import Archive
import EventSchema
import Foundation
import Logging
import SwiftProtobuf
import Synchronization

/// What a team's archive says: watermarks after every commit, and answers to requests. On a connection of its own, so
/// that a broker which takes no messages still gets its acknowledgements.
public final class ArchiveVoice: AMQPHandler {
    /// When it starts, it repeats what it said in this time.
    static let repeated = Duration.seconds(3600)

    private let archive: TeamArchive
    private let logger: Logger
    private let now: @Sendable () -> RecordTime
    /// Only ever touched on the session's thread.
    private nonisolated(unsafe) let responder: ArchiveResponder
    private let session = Mutex<AMQPSession?>(nil)
    private let answered = Mutex(0)

    /// - Parameters:
    ///   - mayRead: besides oneself, who may see what.
    ///   - isBusy: whether the broker holds messages that are not stored yet.
    public init(
        of archive: TeamArchive, logger: Logger, now: @escaping @Sendable () -> RecordTime,
        mayRead: @escaping ArchiveResponder.Grant, isBusy: @escaping @Sendable () -> Bool
    ) {
        self.archive = archive
        self.logger = logger
        self.now = now
        responder = ArchiveResponder(
            home: archive.home, archive: archive.identity, mayRead: mayRead, isBusy: isBusy,
            catchUp: { try archive.catchUp() })
    }

    public func start(_ options: AMQPOptions, topology: AMQPTopology = BrokerTopology.team) {
        let opened = AMQPSession(options, handler: self) {
            AMQPSetup(
                topology: topology,
                consumers: [
                    AMQPConsumer(queue: BrokerNames.requestQueue, tag: "requests", acknowledges: false, prefetch: 64)
                ])
        }
        session.withLock { $0 = opened }
    }

    public func stop() async {
        let session = session.withLock { session in
            defer { session = nil }
            return session
        }
        await session?.close()
    }

    /// How many requests have been answered.
    public var requests: Int { answered.withLock { $0 } }

    /// Says how far these sources are.
    public func tell(_ heads: [SourceID: KnownHead]) {
        guard !heads.isEmpty else { return }
        session.withLock { $0 }?.publish(
            WatermarkMessage.messages(of: heads, archive: archive.identity).map {
                AMQPPublication($0.published, token: 0)
            })
    }

    // MARK: On the session's thread

    public func changed(to state: AMQPState, of session: AMQPSession) {
        guard case .open = state else { return }
        do {
            let heads = try archive.heads(since: now() - Self.repeated)
            session.publish(
                WatermarkMessage.messages(of: heads, archive: archive.identity).map {
                    AMQPPublication($0.published, token: 0)
                })
        } catch {
            logger.error("the watermarks cannot be repeated: \(error)")
        }
        let started = AMQPMessage(
            exchange: BrokerNames.control, routingKey: BrokerNames.startedKey,
            properties: AMQPProperties(
                headers: ["v": .int(WireMessage.version)], type: "started", userID: BrokerNames.archiver,
                appID: WireMessage.appID), body: archive.identity.bytes)
        session.publish(AMQPPublication(started, token: 0))
    }

    public func delivered(_ batch: [AMQPDelivery], by session: AMQPSession) {
        for delivery in batch {
            guard let answer = answer(to: delivery) else { continue }
            session.publish(AMQPPublication(answer, token: 0))
            answered.withLock { $0 += 1 }
        }
    }

    /// Nil for what nobody can be answered to: it names no one the broker vouches for, or another place to answer to.
    private func answer(to delivery: AMQPDelivery) -> AMQPMessage? {
        let received = delivery.message
        guard let login = received.properties.userID, let user = BrokerNames.user(ofLogin: login),
            received.routingKey.hasPrefix(login + "."), let replyTo = received.properties.replyTo,
            replyTo.hasPrefix(AMQPConsumer.directReplyTo + "."), delivery.omitted.isEmpty
        else {
            logger.warning("a request without a sender", metadata: ["key": "\(received.routingKey)"])
            return nil
        }
        var reply = ArchiveReply()
        if let request = try? ArchiveRequest(serializedBytes: received.body) {
            reply = responder.answer(request, to: user)
        } else {
            reply.version = UInt32(WireMessage.version)
            reply.archive = Data(archive.identity.bytes)
            (reply.code, reply.error) = ("damaged", "not a request")
        }
        return AMQPMessage(
            exchange: "", routingKey: replyTo,
            properties: AMQPProperties(
                contentType: WireMessage.contentType, headers: ["v": .int(WireMessage.version)],
                correlationID: received.properties.correlationID, type: "reply", userID: BrokerNames.archiver,
                appID: WireMessage.appID), body: (try? reply.serializedBytes()) ?? [])
    }
}
