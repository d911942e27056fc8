import AMQPBridge
import Archive
import EventSchema
import Logging
import Model

extension Relay {
    /// The same session is not told again before.
    static let keyframePace = Duration.seconds(1)

    /// Whether a message is a follower's request for keyframes of this publisher; if so, what is live is told to all who
    /// follow now. Of what was recorded before it was shared, nothing is in them.
    func answersKeyframeRequest(_ received: AMQPMessage, now: ContinuousClock.Instant) -> Bool {
        guard received.properties.type == "keyframe" else { return false }
        let words = received.routingKey.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 4, words[1] == "keyframe", words[2] == user, received.properties.userID == words[0],
            received.properties.headers["v"] == .int(WireMessage.version)
        else { return true }
        let asked = words[3] == BrokerNames.anySession ? nil : Identifier(words[3]).map(SessionID.init)
        guard words[3] == BrokerNames.anySession || asked != nil else { return true }
        for session in liveSessions where asked == nil || asked == session {
            if let told = state.keyframedAt[session], told + Self.keyframePace > now { continue }
            state.keyframedAt[session] = now
            do { try tellKeyframes(of: session) } catch {
                logger.error("no keyframe of session \(session.short) can be told: \(error)")
            }
        }
        return true
    }

    private func tellKeyframes(of session: SessionID) throws {
        let reader = try reader()
        for source in try reader.sources(of: session) where source.head.seq > 0 {
            let floor = state.queue.floor(of: source.id)
            guard source.head.seq > floor else { continue }
            let model: SourceModel
            if floor == 0 {
                model = try reader.state(of: source.id, at: .distantFuture)
            } else {
                var later = SourceModel(source: source.id)
                for timed in try reader.events(of: source.id, from: floor + 1) { later.apply(timed) }
                model = later
            }
            // A batch was stored between the two reads: the state is told by whoever asks next.
            guard model.seq == source.head.seq else { continue }
            let keyframe = PublishedKeyframe(
                source: FollowedSource(id: source.id, session: session, user: user, kind: source.kind),
                head: source.head, model: model)
            if let message = keyframe.published { publishLive([AMQPPublication(message, token: 0)]) }
        }
    }
}
