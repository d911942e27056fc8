import AMQPBridge
import Archive
import EventSchema
import Foundation
import Logging
import Synchronization

/// What a relay's lines tell it, on its queue.
extension Relay {
    func tell(_ body: @escaping @Sendable (Relay) -> Void) {
        work.async { [weak self] in
            guard let self, !state.isClosed else { return }
            body(self)
            pump()
        }
    }

    func onEvents(_ event: RelayEvent) {
        let now = ContinuousClock.now
        switch event {
        case .connected:
            (state.isConnected, state.trouble, state.blocked) = (true, nil, nil)
            state.queue.connected(now: now)
            if state.hearsControl { askHeads() }
        case .confirmed(let numbers): for number in numbers { state.queue.confirmed(number) }
        case .refused(let numbers): for number in numbers { state.queue.refused(number, now: now) }
        case .lost(let numbers): for number in numbers { state.queue.lost(number, now: now) }
        case .impossible(let number, let why):
            logger.error("a message to \(place) can never be sent, the team is told that it is lost: \(why)")
            state.queue.impossible(number)
        case .returned(let number): state.queue.returned(number, now: now)
        case .blocked(let reason):
            state.blocked = reason
            state.queue.blocked(reason != nil)
        case .waiting(let error):
            if state.isConnected || state.trouble?.message != error.message {
                logger.warning("not connected to \(place): \(error)")
            }
            (state.isConnected, state.trouble, state.blocked) = (false, error, nil)
            state.queue.disconnected()
        case .told, .answered: break
        }
    }

    func onControl(_ event: RelayEvent) {
        let now = ContinuousClock.now
        switch event {
        case .connected:
            (state.hearsControl, state.controlTrouble) = (true, nil)
            if state.isConnected { askHeads() }
        case .waiting(let error):
            if state.controlTrouble?.message != error.message {
                logger.warning("the archive of \(place) is not heard: \(error)")
            }
            state.controlTrouble = error
            // That they are not known is not that they left.
            state.viewers = nil
            (state.hearsControl, state.hearsArchive, state.askedAt) = (false, false, nil)
        case .told(let received) where Laundering.isIn(received): break
        case .told(let received) where answersKeyframeRequest(received, now: now): break
        case .told(let received):
            if received.routingKey == BrokerNames.startedKey, received.properties.userID == BrokerNames.archiver {
                askHeads()
            } else if let message = try? WatchingMessage(received, of: user) {
                watch(message.viewers)
            } else if let message = try? WatermarkMessage(received), message.user == user {
                take(message, now)
            }
        case .answered(_, let reply): take(reply, now)
        default: break
        }
    }

    private func watch(_ viewers: [String]) {
        guard viewers != state.viewers else { return }
        state.viewers = viewers
        reports.viewers(viewers)
    }

    func onLive(_ event: RelayEvent) {
        switch event {
        case .connected: state.liveTrouble = nil
        case .waiting(let error):
            if state.liveTrouble?.message != error.message {
                logger.warning("followers at \(place) see nothing live: \(error)")
            }
            state.liveTrouble = error
        default: break
        }
    }

    private func take(_ message: WatermarkMessage, _ now: ContinuousClock.Instant) {
        state.hearsArchive = true
        var isOther = false
        for (source, head) in message.heads {
            isOther = state.queue.watermark(source, head.seq, archive: message.archive, now: now) || isOther
            note(source, head.seq)
        }
        if isOther { askHeads() }
        if state.queue.isShared(message.session), state.queue.unsent(of: message.session) == 0 {
            reports.archived(message.session)
        }
    }

    private func take(_ reply: ArchiveReply, _ now: ContinuousClock.Instant) {
        state.askedAt = nil
        guard let archive = Identifier(bytes: reply.archive), case .heads(let heads) = reply.what else {
            if !reply.error.isEmpty { logger.warning("the archive of \(place) answers: \(reply.error)") }
            return
        }
        state.hearsArchive = true
        var known: [SourceID: UInt64] = [:]
        for head in heads.heads {
            guard let source = SourceID(bytes: head.source) else { continue }
            known[source] = head.seq
            note(source, head.seq)
        }
        state.queue.heads(known, archive: archive, isBusy: heads.busy, now: now)
    }

    private func note(_ source: SourceID, _ seq: UInt64) {
        guard state.queue.watermark(of: source) != nil else { return }
        state.newMarks[source] = seq
        guard !state.isFlushing else { return }
        state.isFlushing = true
        work.asyncAfter(deadline: .now() + .seconds(1)) { [weak self] in
            guard let self else { return }
            state.isFlushing = false
            let marks = state.newMarks
            state.newMarks = [:]
            if let archive = state.queue.archive, !state.isClosed { reports.watermarks(marks, archive) }
        }
    }
}
