import Capture
import EventSchema
import Foundation
import Synchronization

/// Stands where clients look for the agent and passes everything on to the real one, frame by frame; a witness sees
/// what was sent and what was accepted. While no agent answers, nobody listens here either.
final class AgentProxy: Sendable {
    private struct State {
        var listener: SocketListener?
        var isEnded = false
    }

    private let clientPath: String
    private let agentPath: String
    private let witness: Witness
    private let state = Mutex(State())

    init(_ stage: Stage, witness: Witness) throws {
        clientPath = stage.clientAddress.socketPath
        agentPath = stage.agentAddress.socketPath
        self.witness = witness
        try stage.clientAddress.prepare()
        try stage.agentAddress.prepare()
        let thread = Thread { [self] in
            while !state.withLock({ $0.isEnded }) {
                if let probe = try? StreamSocket.connect(to: agentPath) {
                    probe.shutdown()
                    serve()
                }
                Thread.sleep(forTimeInterval: 0.005)
            }
        }
        thread.start()
    }

    func end() {
        state.withLock { state in
            state.isEnded = true
            state.listener?.shutdown()
        }
    }

    /// Listens until the agent is gone.
    private func serve() {
        guard let listener = try? SocketListener(path: clientPath) else { return }
        state.withLock { $0.listener = listener }
        while let client = try? listener.accept() {
            guard let agent = try? StreamSocket.connect(to: agentPath) else {
                client.shutdown()
                break
            }
            pump(from: client, to: agent) { [witness] in if case .batch(let bytes) = $0 { witness.sent(bytes) } }
            pump(from: agent, to: client) { [self] frame in
                if case .accepted(let source, let seq) = frame { witness.accepted(source, through: seq) }
            } atEnd: { [self] in
                if (try? StreamSocket.connect(to: agentPath)) == nil { listener.shutdown() }
            }
        }
        unlink(clientPath)
        listener.shutdown()
        state.withLock { $0.listener = nil }
    }

    private func pump(
        from: StreamSocket, to: StreamSocket, see: @escaping @Sendable (Frame) -> Void,
        atEnd: @escaping @Sendable () -> Void = {}
    ) {
        let thread = Thread {
            var reader = FrameReader()
            while let bytes = try? from.read(), !bytes.isEmpty {
                reader.add(bytes)
                do {
                    while let frame = try reader.next() {
                        see(frame)
                        try to.write(frame.encoded)
                    }
                } catch {
                    break
                }
            }
            from.shutdown()
            to.shutdown()
            atEnd()
        }
        thread.start()
    }
}
