import AMQPBridge
import Archive
import Dispatch
import EventSchema
import Foundation
import Logging
import SwiftProtobuf
import Synchronization

/// What a team's archive says: watermarks after its commits, and answers to requests. On a connection of its own, so
/// that a broker which takes no messages still gets its acknowledgements.
public final class ArchiveVoice: AMQPHandler {
    /// When it starts, it repeats what it said in this time.
    static let repeated = Duration.seconds(3600)
    /// Watermarks are told at once after a pause, and then no more often than this: everybody who follows gets each, and
    /// who is waiting for one waits for what was lost, not for what is on its way.
    static let pace = DispatchTimeInterval.milliseconds(50)

    /// What is to be told.
    private struct Marks {
        var heads: [SourceID: KnownHead] = [:]
        /// Whether the last were told less than a pace ago.
        var isPaced = false
    }

    private let archive: TeamArchive
    private let logger: Logger
    private let now: @Sendable () -> RecordTime
    private let changed: @Sendable (AMQPState) -> Void
    /// A publisher asked how far the archive is: it has just come.
    private let came: @Sendable (String) -> Void
    private let lock = NSLock()
    /// Only ever touched with `lock` held: a session that ends may still answer while the next one does.
    private nonisolated(unsafe) let responder: ArchiveResponder
    private let session = Mutex<AMQPSession?>(nil)
    private let answered = Mutex(0)
    private let marks = Mutex(Marks())
    private let queue = DispatchQueue(label: "playhead.watermarks", qos: .userInitiated)

    /// - Parameters:
    ///   - mayRead: besides oneself, who may see what.
    ///   - isBusy: whether the broker holds messages that are not stored yet.
    ///   - came: a publisher asked how far the archive is; called on the session's thread.
    ///   - changed: how the connection stands; called on the session's thread.
    public init(
        of archive: TeamArchive, logger: Logger, now: @escaping @Sendable () -> RecordTime,
        mayRead: @escaping ArchiveResponder.Grant, isBusy: @escaping @Sendable () -> Bool,
        came: @escaping @Sendable (String) -> Void = { _ in },
        changed: @escaping @Sendable (AMQPState) -> Void = { _ in }
    ) {
        self.changed = changed
        self.came = came
        self.archive = archive
        self.logger = logger
        self.now = now
        responder = ArchiveResponder(
            home: archive.home, archive: archive.identity, mayRead: mayRead, isBusy: isBusy,
            catchUp: { try archive.catchUp() }, now: now)
    }

    /// Speaks until `stop` or `fallSilent`.
    public func start(_ options: AMQPOptions, topology: AMQPTopology = BrokerTopology.team) {
        let opened = AMQPSession(options, handler: self) {
            AMQPSetup(
                topology: topology,
                consumers: [
                    AMQPConsumer(queue: BrokerNames.requestQueue, tag: "requests", acknowledges: false, prefetch: 64)
                ])
        }
        session.withLock { session in
            session.map(Self.end)
            session = opened
        }
    }

    public func stop() async {
        tellGathered()
        await take()?.close()
    }

    /// Says nothing more and answers nobody, at once, until it is started again.
    public func fallSilent() {
        take().map(Self.end)
        marks.withLock { $0.heads = [:] }
    }

    private func take() -> AMQPSession? {
        session.withLock { session in
            defer { session = nil }
            return session
        }
    }

    private static func end(_ session: AMQPSession) { Task { await session.close(within: .zero) } }

    /// How many requests have been answered.
    public var requests: Int { answered.withLock { $0 } }

    /// Says how far these sources are, the newest of each.
    public func tell(_ heads: [SourceID: KnownHead]) {
        guard !heads.isEmpty else { return }
        let isPaced = marks.withLock { marks in
            marks.heads.merge(heads) { _, newer in newer }
            defer { marks.isPaced = true }
            return marks.isPaced
        }
        if !isPaced { tellGathered() }
    }

    private func tellGathered() {
        let heads = marks.withLock { marks in
            defer { marks.heads = [:] }
            if marks.heads.isEmpty { marks.isPaced = false }
            return marks.heads
        }
        guard !heads.isEmpty else { return }
        session.withLock { $0 }?.publish(watermarks(of: heads))
        queue.asyncAfter(deadline: .now() + Self.pace) { [weak self] in self?.tellGathered() }
    }

    private func watermarks(of heads: [SourceID: KnownHead]) -> [AMQPPublication] {
        WatermarkMessage.messages(of: heads, archive: archive.identity).map { AMQPPublication($0.published, token: 0) }
    }

    // MARK: On the session's thread

    public func changed(to state: AMQPState, of session: AMQPSession) {
        guard self.session.withLock({ $0 === session || $0 == nil }) else { return }
        changed(state)
        if case .blocked(let reason) = state {
            logger.warning("the broker takes nothing (\(reason)), publishers are told nothing until it has room")
        }
        guard case .open = state else { return }
        do {
            let heads = try archive.heads(since: now() - Self.repeated)
            session.publish(watermarks(of: heads))
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
            replyTo.hasPrefix(AMQPConsumer.directReplyTo + "."), delivery.omitted.isEmpty, !Laundering.isIn(received)
        else {
            logger.warning("a request without a sender", metadata: ["key": "\(received.routingKey)"])
            return nil
        }
        var reply = ArchiveReply()
        if let request = try? ArchiveRequest(serializedBytes: received.body) {
            reply = lock.withLock { responder.answer(request, to: user) }
            if case .heads = request.what { came(user) }
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
