import AMQPBridge
import Archive
import Capture
import Delivery
import EventSchema
import Foundation
import Synchronization

extension AgentServer {
    /// Where a new session is to go: what the command names now, or what the person always wants; else nowhere.
    func wantedDestination(in request: JSONValue) throws -> (Destination, login: String?) {
        let (consent, login) = try consent(in: request)
        do throws(DestinationError) { return (try consent.destinationOfNewSession(), login) } catch {
            throw RequestError.refused(error.message)
        }
    }

    private func consent(in request: JSONValue) throws -> (Consent, login: String?) {
        let named = request["broker"]?.string
        let configured = request["configured_broker"]?.string
        var consent = Consent()
        do {
            if let named { _ = try BrokerLogin(named) }
            consent.broker = try named.map { try AMQPURL($0) }
            consent.configuredBroker = try configured.map { try AMQPURL($0) }
            consent.publishing = request["publish"]?.string == "always" ? .always : .never
            if consent.publishing == .always, let configured { _ = try BrokerLogin(configured) }
        } catch let error as AMQPError {
            throw RequestError.refused("no broker's URL: \(error.message)")
        } catch {
            throw RequestError.refused("\(error)")
        }
        return (consent, named ?? configured)
    }

    /// The answer to whoever joined a session that was open: a broker named now never widens it silently, and one that is
    /// only configured does not at all.
    func joined(_ answer: JSONValue, _ wanted: Destination, isNamed: Bool) throws -> JSONValue {
        guard isNamed, wanted != .local, let current = answer["destination"]?.string, current != wanted.description
        else {
            return answer
        }
        let short = answer["short"]?.string ?? ""
        throw RequestError.refused(
            "session \(short) is open here and is \(current); `playhead share` makes it live, --new begins another")
    }

    /// Makes a session go to a broker: live or to the team's archive, from its start or from now on.
    func share(_ request: JSONValue) throws -> JSONValue {
        let session = try session(in: request)
        let (consent, login) = try consent(in: request)
        let current = relays.destination(of: session)
        let isLive = request["reach"]?.string != "team"
        let destination: Destination
        do throws(DestinationError) {
            destination = isLive ? try consent.shared(current) : try consent.published(current)
        } catch {
            throw RequestError.refused(error.message)
        }
        guard destination != current else {
            if request["broker"] != nil { try renew(login, of: session, destination) }
            return described(destination)
        }
        let fromNow = current == .local && request["history"]?.bool != true
        if fromNow { state.withLock { $0.records[session] = nil } }
        var edited = SessionEdited()
        edited.reach = destination.reach
        edited.broker = destination.broker?.address ?? ""
        edited.virtualHost = destination.broker?.virtualHost ?? ""
        // Between two commits, so that no batch is on neither side of the line.
        let (home, relays) = (configuration.home, relays)
        let floors: [SourceID: UInt64]
        do {
            floors = try archive.perform { (_: ArchiveWriter) throws(ArchiveError) in
                var floors: [SourceID: UInt64] = [:]
                if fromNow {
                    for source in try ArchiveReader(home: home).sources(of: session) {
                        floors[source.id] = source.head.seq
                    }
                }
                do { try relays.share(session, to: destination, login: login, floors: floors) } catch {
                    throw ArchiveError(.refused, "\(error)", underlying: error)
                }
                return floors
            }
        }
        edited.sharedFrom = floors.sorted { $0.key < $1.key }.map { source, seq in
            var from = SharedFrom()
            from.source = Data(source.bytes)
            from.seq = seq
            return from
        }
        do { try note(edited, of: session) } catch {
            // What is not written down is not done.
            relays.unshare(session)
            throw error
        }
        // Behind the line, so that it is shared: without it nobody could make anything of the next edit.
        if fromNow {
            for client in state.withLock({ Array($0.clients.values) }) {
                client.send(.message(["unasked": true, "shared": .string("\(session)")]))
            }
        }
        return described(destination)
    }

    /// Whoever names the broker of a shared session again logs in anew: the password may be another one.
    func renew(_ login: String?, of session: SessionID, _ destination: Destination) throws {
        guard destination != .local else { return }
        do { try relays.share(session, to: destination, login: login) } catch {
            throw RequestError.refused("\(error)")
        }
    }

    /// Nothing more of a session leaves, at once; what went stays where it is.
    func unshare(_ request: JSONValue) throws -> JSONValue {
        let session = try session(in: request)
        guard relays.destination(of: session) != .local else {
            throw RequestError.refused("session \(session.short) is not shared")
        }
        relays.unshare(session)
        var edited = SessionEdited()
        edited.reach = .local
        try note(edited, of: session)
        return described(.local)
    }

    private func described(_ destination: Destination) -> JSONValue {
        ["done": true, "destination": .string(destination.description)]
    }

    private func note(_ edited: SessionEdited, of session: SessionID) throws {
        state.withLock { _ = $0.unstored.remove(session) }
        add([Event(.sessionEdited(edited))], to: session, at: clock.now)
        _ = try archive.perform { (_: ArchiveWriter) in }
        guard state.withLock({ $0.unstored.remove(session) }) == nil else {
            throw RequestError(code: "full", message: "it could not be stored; \(configuration.home.log.path) says why")
        }
    }
}

extension JSONValue {
    /// The object with one member more, or changed.
    func with(_ name: String, _ value: JSONValue) -> JSONValue {
        guard var members else { return self }
        members.removeAll { $0.key == name }
        return .object(members + [(key: name, value: value)])
    }
}
