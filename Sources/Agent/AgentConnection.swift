import Archive
import Capture
import Dispatch
import EventSchema
import Foundation
import Logging

/// One client of the agent: reads its frames on a thread of its own, answers through a queue of its own, so that a
/// client that does not read holds up nobody else.
final class AgentConnection: Sendable {
    let id: SessionDirectory.Client
    private let socket: StreamSocket
    private weak let server: AgentServer?
    private let sending: DispatchQueue

    init(id: SessionDirectory.Client, socket: StreamSocket, server: AgentServer) {
        self.id = id
        self.socket = socket
        self.server = server
        sending = DispatchQueue(label: "playhead.agent.client.\(id)")
    }

    func start() {
        let thread = Thread { [self] in
            read()
            socket.shutdown()
            server?.disconnected(id)
        }
        thread.name = "playhead.agent.client"
        thread.start()
    }

    func shutdown() { socket.shutdown() }

    func send(_ frame: Frame) {
        sending.async { [socket] in if (try? socket.write(frame.encoded)) == nil { socket.shutdown() } }
    }

    private func read() {
        var reader = FrameReader()
        while let bytes = try? socket.read(), !bytes.isEmpty {
            reader.add(bytes)
            do {
                while let frame = try reader.next() { take(frame) }
            } catch {
                server?.logger.warning("a client sent what is no frame: \(error)")
                send(.message(["error": .string("\(error)"), "code": "damaged"]))
                return
            }
        }
    }

    private func take(_ frame: Frame) {
        guard let server else { return }
        switch frame {
        case .batch(let bytes): take(batch: bytes, server)
        case .sealed(let bytes): take(sealed: bytes, server)
        case .message(let request):
            do {
                let answer = try server.answer(request, from: id) { [self] progress in send(.message(progress)) }
                send(.message(answer))
            } catch let error as RequestError {
                send(.message(["error": .string(error.message), "code": .string(error.code)]))
            } catch let error as ArchiveError {
                send(.message(["error": .string(error.message), "code": .string(error.code.description)]))
            } catch {
                send(.message(["error": .string("\(error)"), "code": "failed"]))
            }
        case .accepted: break
        }
    }

    private func take(sealed bytes: [UInt8], _ server: AgentServer) {
        let (user, now) = (server.configuration.user, server.clock.now)
        do {
            let outcome = try server.archive.perform { (writer) throws(ArchiveError) in
                try writer.append(sealed: bytes, user: user, now: now)
            }
            server.index.follow()
            switch outcome {
            case .accepted: send(.message(["stored": true]))
            case .waits: send(.message(["error": "something before the block is missing", "code": "damaged"]))
            case .conflict:
                send(.message(["error": "the archive knows another history of the source", "code": "refused"]))
            }
        } catch {
            send(.message(["error": .string(error.message), "code": .string(error.code.description)]))
        }
    }

    private func take(batch bytes: [UInt8], _ server: AgentServer) {
        let batch: CheckedBatch
        do {
            batch = try BatchCodec.decode(bytes)
        } catch {
            server.logger.warning("a batch was refused: \(error)")
            let now = server.clock.now
            try? server.archive.perform { (writer) throws(ArchiveError) in
                try writer.quarantine(bytes, reason: "\(error)", now: now)
            }
            send(.message(["error": .string("a batch was refused: \(error)"), "code": "damaged"]))
            return
        }
        server.archive.append(batch) { [self] result in
            switch result {
            case .success(.accepted):
                send(.accepted(batch.source, seq: batch.seq))
                server.accepted(batch.session)
                if batch.events.contains(where: { if case .sourceClosed = $0.body { true } else { false } }) {
                    server.sourceClosed(batch.source)
                }
            case .success(.waits): break
            case .success(.conflict):
                send(
                    .message([
                        "error": .string("the archive knows another history of source \(batch.source)"),
                        "code": "refused",
                    ]))
            case .failure(let error):
                send(.message(["error": .string(error.message), "code": .string(error.code.description)]))
            }
        }
    }
}
