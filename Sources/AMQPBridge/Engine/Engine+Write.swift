extension Engine {
    /// Bytes handed to the kernel before it is asked again whether it has room.
    private static let burst = 8192
    /// Bytes sent before what the broker says is looked at again.
    private static let turn = 1 << 20

    /// Sends what waits, as far as kernel, broker and window have room. Does not wait for room.
    func write(_ wire: Wire) throws(AMQPError) {
        wantsRoom = false
        if !hasWork { return try sendClose(wire) }
        watch.enter(limit: callLimit)
        defer { watch.leave() }
        guard Wakeup.hasRoom(wire.descriptor) else {
            wantsRoom = true
            return try sendClose(wire)
        }
        while let reply = replies.removeFirst() {
            switch reply {
            case .acknowledge(let number, let multiple): try wire.acknowledge(number, multiple: multiple)
            case .reject(let number, let multiple, let requeue):
                try wire.reject(number, multiple: multiple, requeue: requeue)
            }
        }
        if current == nil, closeSent == nil, let call = calls.removeFirst() { try send(call, wire) }
        if closeSent == nil { try publish(wire) }
        flushSettlements()
        try sendClose(wire)
    }

    private var mayPublish: Bool {
        isOpen && !isBlocked && flows && (tracker?.hasRoom ?? true) && !outbox.isEmpty
    }

    private var hasWork: Bool { !replies.isEmpty || current == nil && !calls.isEmpty || mayPublish }

    private func send(_ call: Call, _ wire: Wire) throws(AMQPError) {
        if let problem = SizeCheck.problem(with: call.request, frame: wire.frameSize) {
            let error = AMQPError(.tooLarge, "\(call.request.description): \(problem)")
            call.completion(.failure(error))
            if setupLeft > 0 { throw error }
            return
        }
        // First, so that an error on the way reaches who waits.
        current = (call, Ticks.after(options.requestTimeout))
        try wire.send(call.request)
    }

    private func publish(_ wire: Wire) throws(AMQPError) {
        var sent = 0
        var total = 0
        while mayPublish {
            if sent >= Self.burst {
                total += sent
                guard total < Self.turn, Wakeup.hasRoom(wire.descriptor) else {
                    wantsRoom = true
                    return
                }
                watch.enter(limit: callLimit)
                sent = 0
            }
            guard let publication = outbox.removeFirst() else { return }
            mailbox.left(publication)
            let message = publication.message
            if let problem = SizeCheck.problem(
                with: message, maximumBody: options.maximumBody, frame: wire.frameSize - 32)
            {
                if tracker != nil { settlements.append(AMQPSettlement(publication.token, .impossible(problem))) }
                continue
            }
            tracker?.published(Flight(token: publication.token, look: publication.mandatory ? message.look : nil))
            if tracker != nil, confirmDeadline == nil { confirmDeadline = Ticks.after(options.confirmTimeout) }
            try wire.publish(message, mandatory: publication.mandatory)
            sent += publication.weight
        }
    }

    /// Says good-bye once everything is out and confirmed, or the time for it is over; then does not wait long.
    private func sendClose(_ wire: Wire) throws(AMQPError) {
        let now = Ticks.now()
        if let closeSent {
            if now > closeSent { isClosed = true }
            return
        }
        guard let closing else { return }
        let isDone =
            outbox.isEmpty && replies.isEmpty && calls.isEmpty && current == nil && (tracker?.inFlight ?? 0) == 0
        guard isDone || now > closing else { return }
        guard Wakeup.hasRoom(wire.descriptor) else {
            if now > closing { isClosed = true }
            return
        }
        try wire.askToClose()
        closeSent = Ticks.after(.seconds(1))
    }
}
