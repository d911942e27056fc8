extension Engine {
    /// Frames, bytes and deliveries taken before anything else gets its turn.
    private static let frames = 3000
    private static let bytes = 8 << 20
    private static let deliveries = 1000

    /// Takes every frame that is there, then tells what they say.
    func read(_ wire: Wire) throws(AMQPError) {
        do {
            try takeFrames(wire)
        } catch {
            // What was confirmed before the end is confirmed. What was delivered comes again.
            flushSettlements()
            throw error
        }
        flushSettlements()
        guard isOpen, !batch.isEmpty else { return }
        let ready = batch
        batch = []
        batch.reserveCapacity(min(ready.count * 2, Self.deliveries))
        if closeSent == nil { host.delivered(ready) }
    }

    private func takeFrames(_ wire: Wire) throws(AMQPError) {
        watch.enter(limit: callLimit)
        defer { watch.leave() }
        var frames = 0
        var bytes = 0
        drained = false
        while frames < Self.frames, bytes < Self.bytes, batch.count < Self.deliveries || !isOpen {
            // One receive for each time the socket had something: what came meanwhile ends the next wait at once.
            guard frames == 0 || wire.mayHaveMore, let frame = try wire.next(wantsBody: assembler.wantsBody) else {
                drained = true
                break
            }
            frames += 1
            if case .body(_, let count) = frame.payload { bytes += count }
            guard let event = try assembler.take(frame) else { continue }
            switch event {
            case .delivery(let delivery):
                batch.append(delivery)
            case .returned(let message, _, _):
                // Without confirms nobody waits for it.
                let look = message.look
                try tracker?.returned(where: { $0.look == look })
            case .method(let method):
                try take(method, wire)
            }
            if isClosed { return }
        }
        // Not after an error: the library may be in the middle of something.
        wire.release()
    }

    private func take(_ method: BrokerMethod, _ wire: Wire) throws(AMQPError) {
        switch method {
        case .acknowledged(let number, let multiple):
            try settle { (tracker) throws(AMQPError) in try tracker.acknowledged(number, multiple: multiple) }
        case .refused(let number, let multiple):
            try settle { (tracker) throws(AMQPError) in try tracker.refused(number, multiple: multiple) }
        case .answer(let answer):
            try take(answer)
        case .blocked(let reason):
            isBlocked = true
            host.blocked(reason)
        case .unblocked:
            isBlocked = false
            // Answers could not come while it was blocked.
            if let call = current?.call { current = (call, Ticks.after(options.requestTimeout)) }
            if confirmDeadline != nil { confirmDeadline = Ticks.after(options.confirmTimeout) }
            host.blocked(nil)
        case .cancelled(let consumer):
            if let error = host.cancelled(consumer) { throw error }
        case .flow(let active):
            flows = active
            try wire.agreeToFlow(active: active)
        case .channelClosed(let code, let text, let cause):
            // Politeness only: an error changes nothing.
            do {
                try wire.agreeToChannelClose()
                try wire.askToClose()
            } catch {}
            throw Advice.closed(code: code, text: text, doing: doing(cause))
        case .connectionClosed(let code, let text, let cause):
            do { try wire.agreeToClose() } catch {}
            throw Advice.closed(code: code, text: text, doing: doing(cause))
        case .connectionCloseOK where closeSent != nil:
            isClosed = true
        case .deliver, .returned, .connectionCloseOK, .other:
            throw AMQPError(.violation, "the broker sent a method it may not send now")
        }
    }

    /// What was being done when the broker closed because of the method `cause`.
    private func doing(_ cause: UInt32) -> String? {
        switch cause {
        case 60 << 16 | 40: "publishing"
        case 60 << 16 | 80, 60 << 16 | 90, 60 << 16 | 120: "acknowledging"
        case 0: nil
        default: current?.call.request.description
        }
    }

    private func settle(
        _ change: (inout ConfirmTracker<Flight>) throws(AMQPError) -> [ConfirmTracker<Flight>.Outcome]
    ) throws(AMQPError) {
        guard tracker != nil else {
            throw AMQPError(.violation, "the broker confirmed a message nobody wants confirmed")
        }
        guard let outcomes = try tracker.mutate(change) else { return }
        confirmDeadline = Ticks.after(options.confirmTimeout)
        settlements.reserveCapacity(settlements.count + outcomes.count)
        for outcome in outcomes {
            switch outcome {
            case .confirmed(let flight): settlements.append(AMQPSettlement(flight.token, .confirmed))
            case .unroutable(let flight): settlements.append(AMQPSettlement(flight.token, .unroutable))
            case .refused(let flight): settlements.append(AMQPSettlement(flight.token, .refused))
            }
        }
    }

    private func take(_ answer: Answer) throws(AMQPError) {
        guard let (call, _) = current, call.request.answer == answer.kind else {
            throw AMQPError(.violation, "the broker answered what was not asked")
        }
        current = nil
        call.completion(.success(answer))
        guard setupLeft > 0 else { return }
        setupLeft -= 1
        if setupLeft == 0 {
            isOpen = true
            host.opened()
        }
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate mutating func mutate<T>(_ change: (inout Wrapped) throws(AMQPError) -> T) throws(AMQPError) -> T? {
        guard var value = self else { return nil }
        // Not two owners: a change must not copy.
        self = nil
        defer { self = value }
        return try change(&value)
    }
}

extension AMQPMessage {
    /// The same for two messages that the broker would treat alike.
    var look: Int {
        var hasher = Hasher()
        hasher.combine(exchange)
        hasher.combine(routingKey)
        hasher.combine(properties.messageID)
        hasher.combine(properties.correlationID)
        hasher.combine(body)
        return hasher.finalize()
    }
}
