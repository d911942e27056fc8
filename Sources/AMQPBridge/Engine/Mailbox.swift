/// What other threads ask of a connection's thread.
enum Command: Sendable {
    case publish([AMQPPublication])
    /// More than may wait.
    case discard([AMQPPublication])
    case acknowledge(AMQPDeliveryTag, multiple: Bool)
    case reject(AMQPDeliveryTag, multiple: Bool, requeue: Bool)
    case call(Call)
    /// Do not wait for the next attempt.
    case retry
    /// `deadline` in ticks: until then what waits may still be sent and confirmed.
    case close(deadline: Int64)
}

/// A request and who waits for its answer.
struct Call: Sendable {
    var request: Request
    var completion: @Sendable (Result<Answer, AMQPError>) -> Void = { _ in }
}

/// Hands commands over to a connection's thread, and wakes it if it sleeps.
final class Mailbox: Sendable {
    private struct State {
        var commands: [Command] = []
        var sleeps = false
        /// Bytes of messages handed in and not yet sent or settled.
        var waiting = 0
    }

    private let state = Guarded(State())
    private let wakeup = Wakeup()

    func post(_ command: Command) {
        let wakes = state.withLock { state in
            state.commands.append(command)
            defer { state.sleeps = false }
            return state.sleeps
        }
        if wakes { wakeup.signal() }
    }

    /// - Parameter limit: bytes that may wait.
    func publish(_ publications: [AMQPPublication], limit: Int) {
        let size = publications.reduce(0) { $0 + $1.weight }
        let fits = state.withLock { state in
            // One that is larger than the limit by itself may wait alone.
            guard state.waiting == 0 || state.waiting + size <= limit else { return false }
            state.waiting += size
            return true
        }
        post(fits ? .publish(publications) : .discard(publications))
    }

    /// A publication that `publish` took no longer waits.
    func left(_ publication: AMQPPublication) { state.withLock { $0.waiting -= publication.weight } }

    func take() -> [Command] {
        state.withLock { state in
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// Waits until there is a command, `socket` can be read (or written), or the time has passed; at once if there is one.
    ///
    /// - Returns: whether the socket has room.
    func wait(socket: Int32 = -1, forRoom: Bool = false, milliseconds: Int32) -> Bool {
        let sleeps = state.withLock { state in
            state.sleeps = state.commands.isEmpty
            return state.sleeps
        }
        guard sleeps else { return false }
        let room = wakeup.wait(socket: socket, forRoom: forRoom, milliseconds: milliseconds)
        state.withLock { $0.sleeps = false }
        return room
    }
}

extension AMQPPublication {
    /// Bytes it takes here, roughly.
    var weight: Int { message.body.count + 256 }
}
