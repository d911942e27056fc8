import EventSchema

/// Asks the agent something and waits for the answer; for verbs, not for recording.
public final class AgentClient {
    private let socket: StreamSocket
    private var reader = FrameReader()

    /// Connects; starts an agent if none answers and `starting` says so.
    ///
    /// - Parameter patience: how long an answer may take; nil: for ever. After it the client is of no more use.
    public init(_ address: AgentAddress, starting: Bool = true, patience: Duration? = nil) throws(LinkError) {
        socket = try address.connect(starting: starting)
        if let patience { socket.limitReads(to: patience) }
    }

    /// Sends a request and waits for its answer.
    ///
    /// - Parameter progress: called for each interim answer of a long task.
    /// - Throws: `LinkError`: `.unreachable` when the agent goes away, else what the agent says.
    public func ask(_ request: JSONValue, progress: (JSONValue) -> Void = { _ in }) throws(LinkError) -> JSONValue {
        do {
            try socket.write(Frame.message(request).encoded)
        } catch {
            throw LinkError(.unreachable, "the agent went away: \(error)", underlying: error)
        }
        return try answer(progress)
    }

    private func answer(_ progress: (JSONValue) -> Void) throws(LinkError) -> JSONValue {
        do {
            while true {
                guard case .message(let answer) = try nextFrame() else { continue }
                if answer["unasked"] != nil { continue }
                if let error = answer["error"]?.string {
                    throw LinkError(.init(name: answer["code"]?.string ?? ""), error)
                }
                if answer["progress"] == nil { return answer }
                progress(answer)
            }
        } catch let error as LinkError {
            throw error
        } catch let error as SystemError where error.code == .wouldBlock {
            throw LinkError(.timedOut, "the agent does not answer; is it stopped?", underlying: error)
        } catch {
            throw LinkError(.unreachable, "the agent went away: \(error)", underlying: error)
        }
    }

    /// Hands over batches of one source and waits until all are committed.
    ///
    /// - Returns: how many the archive did not have before.
    public func append(_ batches: [CheckedBatch], source: SourceID, progress: (Int) -> Void = { _ in })
        throws(LinkError) -> Int
    {
        let head = try ask(["do": "head", "source": .string("\(source)")])
        let known = UInt64(clamping: head["head"]?.integer ?? 0)
        let new = batches.filter { $0.seq > known }
        guard let last = new.last else { return 0 }
        do {
            var sent = 0
            var accepted = known
            // A window keeps both sides busy without filling either one's memory.
            while accepted < last.seq {
                while sent < new.count, new[sent].seq <= accepted + 64 {
                    try socket.write(Frame.batch(new[sent].encoded).encoded)
                    sent += 1
                }
                switch try nextFrame() {
                case .accepted(source, let seq):
                    accepted = max(accepted, seq)
                    progress(Int(clamping: accepted))
                case .message(let message):
                    if let error = message["error"]?.string {
                        throw LinkError(.init(name: message["code"]?.string ?? ""), error)
                    }
                default: break
                }
            }
            return new.count
        } catch let error as LinkError {
            throw error
        } catch {
            throw LinkError(.unreachable, "the agent went away: \(error)", underlying: error)
        }
    }

    /// Hands over a sealed block of another archive, as it is stored there.
    public func append(sealed block: [UInt8]) throws(LinkError) {
        do {
            try socket.write(Frame.sealed(block).encoded)
        } catch {
            throw LinkError(.unreachable, "the agent went away: \(error)", underlying: error)
        }
        _ = try answer { _ in }
    }

    private func nextFrame() throws -> Frame {
        while true {
            if let frame = try reader.next() { return frame }
            let bytes = try socket.read()
            guard !bytes.isEmpty else { throw LinkError(.unreachable, "the agent closed the connection") }
            reader.add(bytes)
        }
    }
}
