import Archive
import Capture
import Delivery
import EventSchema
import Foundation
import SwiftProtobuf
import Synchronization

/// A request that cannot be met, with the word for the kind of failure.
struct RequestError: Error {
    var code: String
    var message: String

    static func damaged(_ message: String) -> RequestError { RequestError(code: "damaged", message: message) }
    static func missing(_ message: String) -> RequestError { RequestError(code: "missing", message: message) }
    static func refused(_ message: String) -> RequestError { RequestError(code: "refused", message: message) }
}

extension AgentServer {
    /// Answers one request; `progress` sends interim answers.
    func answer(
        _ request: JSONValue, from client: SessionDirectory.Client, progress: (JSONValue) -> Void
    ) throws -> JSONValue {
        switch request["do"]?.string {
        case "open": return try open(request)
        case "find": return try find(request)
        case "resume": return try resume(request, client: client)
        case "head": return try head(request)
        case "end": return try end(request)
        case "pause": return try pause(request)
        case "unpause": return try unpause()
        case "add": return try add(request)
        case "status": return status()
        case "share": return try share(request)
        case "unshare": return try unshare(request)
        case "project": return try project()
        case "rebuild": return try rebuild()
        case "seal": return try seal(request, progress: progress)
        case "remove": return try remove(request)
        case "stop":
            stop()
            return ["done": true]
        case let verb: throw RequestError.damaged("the agent knows no request '\(verb ?? "")'")
        }
    }

    func sourceClosed(_ source: SourceID) {
        let now = clock.now
        state.withLock { $0.directory.closed(source, at: now, .now) }
    }

    func session(in request: JSONValue) throws -> SessionID {
        guard let text = request["session"]?.string, let identifier = Identifier(text) else {
            throw RequestError.damaged("a request without a session")
        }
        return SessionID(identifier)
    }

    private func path(_ name: String, in request: JSONValue) throws -> [UInt8] {
        if let text = request[name]?.string { return Array(text.utf8) }
        guard let encoded = request[name]?["b64"]?.string, let data = Data(base64Encoded: encoded) else {
            throw RequestError.damaged("a request without \(name)")
        }
        return Array(data)
    }

    private func described(_ session: SessionDirectory.Open, joined: Bool, isPaused: Bool) -> JSONValue {
        [
            "session": .string("\(session.id)"), "short": .string(session.id.short), "joined": .bool(joined),
            "title": .string(session.title), "workspace": .string(String(decoding: session.workspace, as: UTF8.self)),
            "clock": .integer(clock.now.microseconds), "user": .string(configuration.user), "paused": .bool(isPaused),
            "destination": .string(relays.destination(of: session.id).description),
        ]
    }

    /// Joins the open session of a workspace, or opens one.
    private func open(_ request: JSONValue) throws -> JSONValue {
        let workspace = try path("workspace", in: request)
        let now = clock.now
        let title = String((request["title"]?.string ?? "").prefix(1000))
        let isAlwaysOn = request["always"]?.bool ?? false
        guard !isAlwaysOn || state.withLock({ $0.pause == nil }) else {
            throw RequestError.refused("recording is paused; `playhead unpause` goes on")
        }
        let (destination, login) = try wantedDestination(in: request)
        let (answer, batch) = state.withLock { state -> (JSONValue, CheckedBatch?) in
            let isPaused = state.pause != nil
            if request["new"]?.bool != true,
                let wanted = request["session"]?.string.flatMap(Identifier.init).map(SessionID.init),
                let session = state.directory.sessions[wanted]
            {
                return (described(session, joined: true, isPaused: isPaused), nil)
            }
            if request["new"]?.bool != true, let session = state.directory.nearest(to: workspace),
                session.workspace == workspace
            {
                return (described(session, joined: true, isPaused: isPaused), nil)
            }
            let id = SessionID.make(at: now)
            var body = SessionOpened()
            body.title = title
            body.workspace = Data(workspace)
            body.user = configuration.user
            body.host = Machine.hostName
            destination.write(to: &body)
            body.tags = Array(
                (request["tags"]?.array?.compactMap(\.string) ?? []).map { String($0.prefix(100)) }.prefix(100))
            let (record, batch) = SessionRecord.open(
                session: id, at: now, source: sourceOpened(), events: [Event(.sessionOpened(body))])
            state.records[id] = record
            state.directory.open(
                id, workspace: workspace, title: title, isAlwaysOn: isAlwaysOn, at: now, .now)
            guard let session = state.directory.sessions[id] else { return (.null, nil) }
            return (described(session, joined: false, isPaused: isPaused), batch)
        }
        guard let batch else {
            let answer = try joined(answer, destination, isNamed: request["broker"] != nil)
            if let session = answer["session"]?.string.flatMap(Identifier.init), request["broker"] != nil {
                try renew(login, of: SessionID(session), destination)
            }
            return answer
        }
        // Before its first batch is committed, so that this one goes as well.
        if destination != .local {
            do { try relays.share(batch.session, to: destination, login: login) } catch {
                state.withLock { state in
                    state.records[batch.session] = nil
                    _ = state.directory.remove(batch.session)
                }
                throw RequestError.refused("\(error)")
            }
        }
        append(batch)
        // The answer says that it is recorded: the session's first event must be there.
        _ = try archive.perform { (_: ArchiveWriter) in }
        guard state.withLock({ $0.unstored.remove(batch.session) }) == nil else {
            let log = configuration.home.log.path
            throw RequestError(code: "full", message: "the session could not be opened; \(log) says why")
        }
        return answer.with("destination", .string(destination.description))
    }

    /// The open session that a file belongs to, if any.
    private func find(_ request: JSONValue) throws -> JSONValue {
        let wanted = request["session"]?.string.flatMap(Identifier.init).map(SessionID.init)
        let path = try path("path", in: request)
        return state.withLock { state in
            let named = wanted.flatMap { state.directory.sessions[$0] }
            // A file of another recorded workspace belongs there, whatever shell the editor was started in.
            let found =
                named.flatMap { SessionDirectory.encloses($0.workspace, path) ? $0 : nil }
                ?? state.directory.nearest(to: path) ?? named
            return found.map { described($0, joined: true, isPaused: state.pause != nil) }
                ?? [
                    "session": nil, "clock": .integer(clock.now.microseconds), "paused": .bool(state.pause != nil),
                ]
        }
    }

    /// Ends what is recorded of a workspace without a terminal: what `off` asks for.
    private func end(_ request: JSONValue) throws -> JSONValue {
        let workspace = try path("workspace", in: request)
        let ended = state.withLock { state in
            state.directory.sessions.values.filter { $0.workspace == workspace && $0.isAlwaysOn && $0.holding.isEmpty }
                .compactMap { state.directory.remove($0.id) }
        }
        for session in ended { close(session, at: clock.now) }
        return ["ended": .array(ended.map { .string($0.id.short) })]
    }

    private func sourceID(in request: JSONValue) throws -> SourceID {
        guard let text = request["source"]?.string, let identifier = Identifier(text) else {
            throw RequestError.damaged("a request without a source")
        }
        return SourceID(identifier)
    }

    private func head(_ request: JSONValue) throws -> JSONValue {
        let source = try sourceID(in: request)
        let head = try archive.perform { (writer) throws(ArchiveError) in try writer.head(of: source) }
        return ["head": .integer(Int64(clamping: head.seq))]
    }

    /// A client feeds a source from now on. A session this agent did not open was open under the one before it.
    private func resume(_ request: JSONValue, client: SessionDirectory.Client) throws -> JSONValue {
        let source = try sourceID(in: request)
        let session = try session(in: request)
        let holds = request["holds"]?.bool ?? false
        let head = try archive.perform { (writer) throws(ArchiveError) in try writer.head(of: source) }
        let known = state.withLock { $0.directory.sessions[session] }
        if known == nil { try reopen(session) } else if known?.leftAt != nil { add([], to: session, at: clock.now) }
        state.withLock { $0.directory.feed(source, in: session, by: client, holds: holds) }
        return [
            "resumed": .string("\(source)"), "head": .integer(Int64(clamping: head.seq)),
            "clock": .integer(clock.now.microseconds), "paused": .bool(state.withLock { $0.pause != nil }),
        ]
    }

    private func reopen(_ session: SessionID) throws {
        // An index that cannot follow (a full disk) costs the session's title, not its recording.
        try? index.followNow()
        let known = try? ArchiveReader(home: configuration.home).sessions().first { $0.id == session }
        let now = clock.now
        state.withLock { state in
            guard state.directory.sessions[session] == nil else { return }
            state.directory.open(session, workspace: known?.workspace ?? [], title: known?.title ?? "", at: now, .now)
        }
        add([], to: session, at: now)
    }

    /// Adds an event to a session in the person's name: a note, an environment, a new title.
    private func add(_ request: JSONValue) throws -> JSONValue {
        let session = try session(in: request)
        guard let encoded = request["event"]?.string.flatMap({ Data(base64Encoded: $0) }),
            let event = try? Event(serializedBytes: encoded), event.body != nil
        else { throw RequestError.damaged("a request without an event") }
        guard encoded.count <= BatchCodec.largestEvent else {
            throw RequestError.refused("too long: \(encoded.count) bytes, at most \(BatchCodec.largestEvent) are kept")
        }
        state.withLock { _ = $0.unstored.remove(session) }
        add([event], to: session, at: clock.now)
        _ = try archive.perform { (_: ArchiveWriter) in }
        guard state.withLock({ $0.unstored.remove(session) }) == nil else {
            throw RequestError(code: "full", message: "it could not be stored; \(configuration.home.log.path) says why")
        }
        return ["done": true]
    }

    private func status() -> JSONValue {
        state.withLock { state in
            [
                "home": .string(configuration.home.directory.path), "process": .integer(Int64(Machine.processID)),
                "clients": .integer(Int64(state.clients.count)), "clock": .integer(clock.now.microseconds),
                "paused": .bool(state.pause != nil),
                "paused_until": state.pause?.until.map { .integer($0.microseconds) } ?? .null,
                "sessions": .array(
                    state.directory.sessions.values.sorted { $0.opened < $1.opened }.map { session in
                        [
                            "session": .string("\(session.id)"), "short": .string(session.id.short),
                            "title": .string(session.title), "opened": .integer(session.opened.microseconds),
                            "workspace": .string(String(decoding: session.workspace, as: UTF8.self)),
                            "sources": .integer(Int64(session.feeding.count)),
                            "destination": .string(relays.destination(of: session.id).description),
                        ]
                    }),
                "relays": .array(
                    relays.statuses.map { status in
                        [
                            "broker": .string(status.place.description), "state": .string(status.phase.rawValue),
                            "reason": .string(status.reason), "next": .string(status.next),
                            "unsent": .integer(Int64(clamping: status.unsent)),
                            "in_flight": .integer(Int64(status.inFlight)),
                            "archive": .bool(status.hearsArchive),
                            "viewers": .array(status.viewers.map(JSONValue.string)), "text": .string(status.sentence),
                        ]
                    }),
            ]
        }
    }

    private func project() throws -> JSONValue {
        try index.followNow()
        return ["done": true]
    }

    private func rebuild() throws -> JSONValue {
        try index.rebuild()
        return ["done": true]
    }

    private func seal(_ request: JSONValue, progress: (JSONValue) -> Void) throws -> JSONValue {
        let session = request["session"]?.string.flatMap(Identifier.init).map(SessionID.init)
        let sealed = try keeper.seal(session, isOpen: isOpen) { done, of in
            progress(["progress": .integer(Int64(done)), "of": .integer(Int64(of))])
        }
        return ["done": true, "sealed": .integer(Int64(sealed))]
    }

    private func remove(_ request: JSONValue) throws -> JSONValue {
        let session = try session(in: request)
        let isOpen = state.withLock { state in
            if state.directory.sessions[session]?.leftAt != nil { _ = state.directory.remove(session) }
            return state.directory.sessions[session] != nil
        }
        guard !isOpen else {
            throw RequestError.refused("session \(session.short) is being recorded; end it first")
        }
        // The index forgets it also when the archive had already, from a removal that was broken off.
        let removal = Result { () throws(ArchiveError) in
            try archive.perform { (writer) throws(ArchiveError) in try writer.remove(session) }
        }
        try index.remove(session)
        try removal.get()
        return ["done": true]
    }
}
