import Synchronization

/// Who hears what happens on a connection; all on the connection's thread.
protocol EngineHost: AnyObject {
    /// The setup stands.
    func opened()
    func delivered(_ batch: [AMQPDelivery])
    func settled(_ settlements: [AMQPSettlement])
    /// Nil: the broker takes messages again.
    func blocked(_ reason: String?)
    /// - Returns: an error to end the connection with.
    func cancelled(_ consumer: String) -> AMQPError?
}

/// One connection's life, from TCP to its end, on the thread that runs it: the driver of `Wire`.
final class Engine {
    /// A message on its way: its token, and what it looks like, for the broker returns it without a number.
    struct Flight: Equatable, Sendable {
        var token: UInt64
        var look: Int?
    }

    enum Reply {
        case acknowledge(UInt64, multiple: Bool)
        case reject(UInt64, multiple: Bool, requeue: Bool)
    }

    private static let epochs = Atomic<UInt64>(0)

    let options: AMQPOptions
    let mailbox: Mailbox
    let watch = Watched()
    let epoch: UInt64
    let host: any EngineHost

    var wire: Wire?
    var assembler: Assembler
    /// Nil: without confirms.
    var tracker: ConfirmTracker<Flight>?

    /// Waiting to go out, in order.
    var replies = Fifo<Reply>()
    var calls = Fifo<Call>()
    var outbox = Fifo<AMQPPublication>()
    /// The request that is not answered yet, and until when it must be.
    var current: (call: Call, deadline: Int64)?
    /// Until when the broker must confirm something; nil: nothing is in flight.
    var confirmDeadline: Int64?
    /// Requests of the setup that are not answered yet.
    var setupLeft = 0

    var isOpen = false
    var isBlocked = false
    var flows = true
    /// Until when what waits may still go out.
    var closing: Int64?
    /// Until when the broker may answer our close.
    var closeSent: Int64?
    var isClosed = false

    var batch: [AMQPDelivery] = []
    var settlements: [AMQPSettlement] = []
    var drained = true
    var wantsRoom = false

    init(_ options: AMQPOptions, mailbox: Mailbox, host: any EngineHost) {
        self.options = options
        self.mailbox = mailbox
        self.host = host
        epoch = Self.epochs.add(1, ordering: .relaxed).newValue
        assembler = Assembler(epoch: epoch, maximumBody: options.maximumBody)
    }

    /// Connects, sets up, and runs until the connection ends.
    ///
    /// - Returns: why it ended; nil if it was closed from here.
    func run(_ setup: AMQPSetup) -> AMQPError? {
        tracker = setup.confirmWindow.map { ConfirmTracker(window: $0) }
        var ending: AMQPError?
        do {
            let wire = try Wire(options, watch: watch)
            try wire.open()
            self.wire = wire
            begin(setup)
            try pump(wire)
        } catch {
            ending = error
        }
        finish(ending)
        return ending
    }

    private func begin(_ setup: AMQPSetup) {
        var requests: [Request] = [.openChannel]
        if setup.confirmWindow != nil { requests.append(.selectConfirms) }
        requests += setup.topology.exchanges.map { .declareExchange($0) }
        requests += setup.topology.queues.map { .declareQueue($0) }
        requests += setup.topology.bindings.map { .bind($0) }
        requests += setup.consumers.flatMap { [.prefetch($0.prefetch), .consume($0)] }
        setupLeft = requests.count
        for request in requests { calls.append(Call(request: request)) }
    }

    private func pump(_ wire: Wire) throws(AMQPError) {
        while true {
            for command in mailbox.take() { take(command) }
            // Reading first: the library's own check for a silent peer, inside a publish, would wait for ever.
            try read(wire)
            if isClosed { return }
            try write(wire)
            if isClosed { return }
            try checkTimes()
            guard drained else { continue }
            _ = mailbox.wait(socket: wire.descriptor, forRoom: wantsRoom, milliseconds: patience())
        }
    }

    /// Commands while the connection is there.
    private func take(_ command: Command) {
        switch command {
        case .publish(let publications):
            for publication in publications { outbox.append(publication) }
        case .discard(let publications):
            if tracker != nil { settlements += publications.map { AMQPSettlement($0.token, .lost) } }
        case .acknowledge(let tag, let multiple):
            if tag.epoch == epoch { replies.append(.acknowledge(tag.number, multiple: multiple)) }
        case .reject(let tag, let multiple, let requeue):
            if tag.epoch == epoch { replies.append(.reject(tag.number, multiple: multiple, requeue: requeue)) }
        case .call(let call):
            calls.append(call)
        case .retry:
            break
        case .close(let deadline):
            closing = min(closing ?? deadline, deadline)
        }
    }

    // MARK: Time

    /// The longest call into the library that is still believed in.
    var callLimit: Duration {
        guard let wire, wire.heartbeat > 0 else { return .seconds(30) }
        return .seconds(wire.heartbeat * 2 + 2)
    }

    private func checkTimes() throws(AMQPError) {
        let now = Ticks.now()
        // A blocked connection is not read by the broker: no answer can come.
        if let current, now > current.deadline, !isBlocked {
            throw AMQPError(.timeout, "\(current.call.request.description): the broker did not answer")
        }
        if (tracker?.inFlight ?? 0) == 0 {
            confirmDeadline = nil
        } else if let confirmDeadline, now > confirmDeadline, !isBlocked {
            throw AMQPError(
                .timeout,
                "the broker confirmed nothing for \(options.confirmTimeout); a queue may have no leader, or its disk is slow"
            )
        }
    }

    /// How long nothing need be looked at, in milliseconds.
    private func patience() -> Int32 {
        let heartbeat = wire?.heartbeat ?? 0
        var wait: Int64 = heartbeat > 0 ? Int64(heartbeat) * 250 : 5000
        let now = Ticks.now()
        for deadline in [isBlocked ? nil : current?.deadline, isBlocked ? nil : confirmDeadline, closeSent ?? closing] {
            if let deadline { wait = min(wait, max(0, (deadline - now) / 1_000_000 + 1)) }
        }
        return Int32(clamping: wait)
    }

    // MARK: The end

    private func finish(_ ending: AMQPError?) {
        let error = ending ?? AMQPError(.closed, "the connection was closed")
        if var tracker {
            settlements += tracker.disconnected().map { AMQPSettlement($0.token, .lost) }
        }
        while let publication = outbox.removeFirst() {
            mailbox.left(publication)
            if tracker != nil { settlements.append(AMQPSettlement(publication.token, .lost)) }
        }
        tracker = nil
        flushSettlements()
        if let current { current.call.completion(.failure(error)) }
        current = nil
        while let call = calls.removeFirst() { call.completion(.failure(error)) }
        wire = nil
    }

    func flushSettlements() {
        guard !settlements.isEmpty else { return }
        let ready = settlements
        settlements = []
        host.settled(ready)
    }
}
