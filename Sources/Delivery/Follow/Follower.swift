import AMQPBridge
import Archive
import Dispatch
import EventSchema
import Foundation
import SwiftProtobuf
import Synchronization

/// Follows people or sessions over a broker, for any surface: what to show comes as updates, in order, each once.
///
/// It connects with the follow login, comes back by itself after every fault, and goes on from where it was. While
/// `tell` runs nothing more is read: a surface that is slow makes the broker drop this follower's oldest messages, which
/// the archive then has, and slows nobody else.
public final class Follower: AMQPHandler {
    public typealias Tell = @Sendable ([FollowUpdate]) -> Void

    private struct State {
        var queue: FollowQueue
        var session: AMQPSession?
        var check: MessageCheck?
        var patience = BrokerPatience()
        /// Messages of the live exchange that were refused, with the last reason.
        var refused = 0
        var lastRefusal: MessageRefusal?
        /// Of the connection under way.
        var queueName: String?
        var rollCalls: Int64 = 0
        /// Live messages that were taken and not acknowledged yet.
        var unacknowledged = 0
        var lastTaken: AMQPDeliveryTag?
        /// When they were last acknowledged.
        var acknowledgedAt = ContinuousClock.now

        mutating func takeTag() -> AMQPDeliveryTag? {
            defer { (unacknowledged, lastTaken, acknowledgedAt) = (0, nil, .now) }
            return lastTaken
        }
    }

    private let login: BrokerLogin
    private let tell: Tell
    private let givesUp: @Sendable (AMQPError) -> Void
    private let state: Mutex<State>
    /// Set up by `start`, cancelled by `stop`; its own queue runs it.
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// - Parameters:
    ///   - tell: is called with updates, one call at a time, on the connection's thread or on that of a
    ///     timer. It must not call the follower.
    ///   - givesUp: called with what waiting does not mend, a wrong login or a missing grant; `stop` is still to be
    ///     called. Must not call the follower either.
    public init(
        _ targets: [FollowTarget], as login: BrokerLogin, givesUp: @escaping @Sendable (AMQPError) -> Void = { _ in },
        tell: @escaping Tell
    ) {
        self.login = login
        self.givesUp = givesUp
        self.tell = tell
        state = Mutex(State(queue: FollowQueue(targets), session: nil, check: try? MessageCheck()))
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "playhead.follower"))
    }

    /// Connects, and stays connected until `stop`.
    public func start() {
        let targets = state.withLock { $0.queue.targets }
        let user = login.user
        let opened = AMQPSession(login.following("playhead follower"), handler: self) { [weak self] in
            let topology = BrokerTopology.following(targets, as: user)
            self?.state.withLock { $0.queueName = topology.queues.first?.name }
            return AMQPSetup(
                topology: topology,
                consumers: topology.queues.map {
                    // Acknowledged, so that what waits for a slow follower waits in its queue, where the oldest go.
                    AMQPConsumer(queue: $0.name, tag: Self.liveTag, exclusive: true, prefetch: 1000)
                } + [AMQPConsumer(queue: AMQPConsumer.directReplyTo, tag: Self.answerTag, acknowledges: false)])
        }
        state.withLock { $0.session = opened }
        timer.setEventHandler { [weak self] in
            self?.acknowledge()
            self?.happen { queue, now in queue.wake(now: now) }
        }
        timer.schedule(deadline: .now() + .milliseconds(50), repeating: .milliseconds(50), leeway: .milliseconds(10))
        timer.resume()
    }

    /// Nothing is told after it returns.
    public func stop() async {
        timer.cancel()
        let session = state.withLock { state in
            defer { state.session = nil }
            return state.session
        }
        await session?.close(within: .zero)
    }

    /// What lies before what was told, by source: the batches up to `last` and no more.
    public var histories: [(source: FollowedSource, last: UInt64)] { state.withLock { $0.queue.histories } }

    /// How many live messages were refused, and why the last one was.
    public var refusals: (count: Int, last: MessageRefusal?) { state.withLock { ($0.refused, $0.lastRefusal) } }

    private static func words(of error: AMQPError) -> String {
        guard error.code == .busy else { return error.message }
        return "another connection of this login has the queue that was tried, of the "
            + "\(BrokerNames.followerPlaces.count) a login has"
    }

    private static let liveTag = "live"
    private static let answerTag = "answers"

    private func happen(_ what: (inout FollowQueue, ContinuousClock.Instant) -> [FollowQueue.Action]) {
        state.withLock { state in
            let actions = what(&state.queue, .now)
            carryOut(actions, state.session)
        }
    }

    private func carryOut(_ actions: [FollowQueue.Action], _ session: AMQPSession?) {
        var updates: [FollowUpdate] = []
        for action in actions {
            switch action {
            case .tell(let update): updates.append(update)
            case .ask(let request, let number):
                var request = request
                request.version = UInt32(WireMessage.version)
                session?.publish(
                    AMQPPublication(request.message(from: login.user, correlation: "\(number)"), token: 0))
            case .askPublisher(let user, let wanted):
                session?.publish(
                    AMQPPublication(login.keyframeRequest(to: user, session: wanted), token: 0))
            }
        }
        if !updates.isEmpty { tell(updates) }
    }

    // MARK: On the session's thread

    public func delivered(_ batch: [AMQPDelivery], by session: AMQPSession) {
        state.withLock { state in
            state.session = state.session ?? session
            let now = ContinuousClock.now
            for delivery in batch where delivery.omitted.isEmpty {
                carryOut(take(delivery, &state, now), session)
            }
        }
        let taken = batch.filter { $0.consumer == Self.liveTag }
        guard let last = taken.last else { return }
        let tag = state.withLock { state -> AMQPDeliveryTag? in
            state.unacknowledged += taken.count
            state.lastTaken = last.tag
            return state.unacknowledged >= Self.acknowledgedAtOnce ? state.takeTag() : nil
        }
        if let tag { session.acknowledge(tag, multiple: true) }
    }

    /// So many are acknowledged with one word, or all of them after a while: a broker with many followers would
    /// otherwise do as much for their words as for what it delivers.
    private static let acknowledgedAtOnce = 100
    private static let acknowledgedAfter = Duration.milliseconds(500)

    private func acknowledge() {
        let (session, tag) = state.withLock { state -> (AMQPSession?, AMQPDeliveryTag?) in
            guard ContinuousClock.now - state.acknowledgedAt >= Self.acknowledgedAfter else { return (nil, nil) }
            return (state.session, state.takeTag())
        }
        if let tag { session?.acknowledge(tag, multiple: true) }
    }

    private func take(_ delivery: AMQPDelivery, _ state: inout State, _ now: ContinuousClock.Instant)
        -> [FollowQueue.Action]
    {
        let received = delivery.message
        do throws(MessageRefusal) {
            if delivery.consumer == Self.answerTag {
                guard received.properties.userID == BrokerNames.archiver else {
                    throw MessageRefusal(.user, "an answer that the archiver did not write")
                }
                guard let number = received.properties.correlationID.flatMap({ UInt64($0) }),
                    let reply = try? ArchiveReply(serializedBytes: received.body)
                else { throw MessageRefusal(.body, "no answer") }
                return state.queue.answered(number, reply, now: now)
            }
            if received.exchange == BrokerNames.control {
                if received.routingKey == BrokerNames.rollCallKey {
                    answerRollCall(received, &state)
                    return []
                }
                return state.queue.heard(try WatermarkMessage(received), now: now)
            }
            guard let check = state.check else { return [] }
            if received.properties.type == PublishedKeyframe.type {
                return state.queue.heard(try check.checkKeyframe(received), now: now)
            }
            let message = try check.check(received)
            guard case .batch(let batch) = message.content else { return [] }
            return state.queue.heard(batch, user: message.user, kind: message.kind, now: now)
        } catch {
            state.refused += 1
            state.lastRefusal = error
            return []
        }
    }

    /// An archiver that has just come has not seen the bindings there are: the same ones once more, which change
    /// nothing else.
    private func answerRollCall(_ received: AMQPMessage, _ state: inout State) {
        guard received.properties.userID == BrokerNames.archiver, !Laundering.isIn(received),
            let queue = state.queueName, let session = state.session
        else { return }
        state.rollCalls += 1
        for target in state.queue.targets {
            session.bindNow(
                AMQPBinding(
                    from: BrokerNames.live, to: .queue(queue),
                    routingKey: BrokerNames.liveBinding(user: target.user, session: target.session),
                    arguments: ["rollcall": .int(state.rollCalls)]))
        }
    }

    public func changed(to newState: AMQPState, of session: AMQPSession) {
        state.withLock { state in
            let now = ContinuousClock.now
            if let reason = state.patience.heard(newState, now: now) { givesUp(reason) }
            switch newState {
            case .open: if state.queue.isUnconnected { carryOut(state.queue.connected(now: now), session) }
            case .waiting(_, let error, _):
                _ = state.takeTag()
                carryOut(state.queue.disconnected(Self.words(of: error), now: now), session)
            case .connecting, .blocked, .closed: break
            }
        }
    }
}

extension BrokerLogin {
    /// Asks a publisher for the state of what it has live.
    func keyframeRequest(to publisher: String, session: SessionID?) -> AMQPMessage {
        AMQPMessage(
            exchange: BrokerNames.control,
            routingKey: BrokerNames.keyframeKey(from: user, to: publisher, session: session),
            properties: AMQPProperties(
                headers: ["v": .int(WireMessage.version)], expiration: "10000", type: "keyframe",
                userID: BrokerNames.followLogin(of: user), appID: WireMessage.appID), body: [])
    }
}
