import AMQPBridge
import Archive
import Dispatch
import EventSchema
import Foundation
import Logging
import Synchronization

/// What a relay does on its own queue.
extension Relay {
    func reader() throws(ArchiveError) -> ArchiveReader {
        if let reader = state.reader { return reader }
        let reader = try ArchiveReader(home: home)
        state.reader = reader
        return reader
    }

    private static let mostAsked = 1000
    /// An answer that has not come by then will not come.
    private static let answerTime = Duration.seconds(10)

    func askHeads() {
        guard let control = state.control, state.hearsControl else { return }
        let ids = state.queue.sourceIDs
        state.askedAt = .now
        var start = 0
        repeat {
            var request = ArchiveRequest()
            request.version = UInt32(WireMessage.version)
            request.heads.sources = ids[start..<min(ids.count, start + Self.mostAsked)].map { Data($0.bytes) }
            control.ask(request, number: state.nextRequest)
            state.nextRequest += 1
            start += Self.mostAsked
        } while start < ids.count
    }

    /// Sends whatever may be sent now.
    func pump() {
        guard !state.isClosed else { return }
        let now = ContinuousClock.now
        while let order = state.queue.next(now: now) { carryOut(order) }
        let waitsForAnswer = if let askedAt = state.askedAt { now - askedAt <= Self.answerTime } else { false }
        if !waitsForAnswer, !state.queue.overdue(now: now).isEmpty { askHeads() }
        show()
        wakeUpLater(now)
    }

    private func wakeUpLater(_ now: ContinuousClock.Instant) {
        guard let wanted = state.queue.wakeUp(now: now) else { return }
        if let planned = state.wakeUp, planned > now, planned <= wanted { return }
        // Something overdue that was just asked after is looked at again a little later.
        let delay = max(wanted - now, Duration.milliseconds(20))
        state.wakeUp = now + delay
        let microseconds = Int(clamping: delay.wholeMicroseconds)
        work.asyncAfter(deadline: .now() + .microseconds(microseconds)) { [weak self] in self?.pump() }
    }

    private func carryOut(_ order: RelayQueue.Order) {
        var sending = RelaySending(order: order, user: user)
        do {
            let recent = state.recent[order.source]?.take(after: order.after, count: order.messages) ?? []
            if order.withheld == nil, !recent.isEmpty {
                sending.add(recent)
            } else {
                let reader = try reader()
                if let withheld = order.withheld {
                    sending.withhold(withheld, try reader.hash(of: order.source, at: withheld.upperBound))
                }
                let seqs = (order.after + 1)...UInt64(Int64.max)
                sending.add(try reader.rows(of: order.source, seqs, count: order.messages, bytes: order.bytes))
            }
        } catch {
            logger.error("source \(order.source) cannot be sent: \(error)")
        }
        state.events?.publish(
            sending.messages.map { message in
                let published = message.published()
                let number = state.queue.sent(order.source, message.seqs, bytes: published.body.count)
                return AMQPPublication(published, token: number, mandatory: true)
            })
        for problem in sending.problems { logger.error("source \(order.source): \(problem)") }
        // What gives nothing now waits until the source grows.
        if !sending.messages.isEmpty { state.queue.done(with: order) }
    }

    private var phase: RelayStatus.Phase {
        if !state.isConnected { return .waiting }
        if state.blocked != nil { return .blocked }
        if state.queue.unroutable { return .unroutable }
        return state.queue.isFull ? .full : .connected
    }

    private var otherTrouble: String {
        var texts: [String] = []
        if let error = state.controlTrouble {
            texts.append("the archive is not heard: \(error.message), \(BrokerAdvice.publisher(error))")
        }
        if let error = state.liveTrouble {
            texts.append("followers see nothing live: \(error.message), \(BrokerAdvice.publisher(error))")
        }
        return texts.joined(separator: "; ")
    }

    func show() {
        let (phase, otherTrouble) = (phase, otherTrouble)
        let reason = state.blocked ?? state.trouble?.message ?? ""
        let next = state.trouble.map(BrokerAdvice.publisher) ?? ""
        shown.withLock { shown in
            shown.unsent = state.queue.unsent
            shown.inFlight = state.queue.inFlight
            shown.hearsArchive = state.hearsArchive
            shown.viewers = state.viewers ?? []
            shown.reason = reason
            shown.next = next
            shown.otherTrouble = otherTrouble
            shown.phase = phase
        }
    }
}
