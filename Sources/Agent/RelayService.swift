import AMQPBridge
import Archive
import Delivery
import EventSchema
import Logging
import Synchronization

/// Where sessions go besides the agent's own archive: a relay for each broker, and who goes where.
final class RelayService: Sendable {
    private struct State {
        var relays: [BrokerPlace: Relay] = [:]
        /// How each relay logs in.
        var logins: [BrokerPlace: BrokerLogin] = [:]
        var destinations: [SessionID: Destination] = [:]
        /// Of these sources only what comes after the batch is shared.
        var floors: [SourceID: UInt64] = [:]
        /// Who follows the person at each broker, as last told.
        var viewers: [BrokerPlace: [String]] = [:]
        var archive: ArchiveService?
        var isStopped = false
    }

    private let home: ArchiveHome
    private let logins: BrokerLogins
    private let logger: Logger
    private let state = Mutex(State())
    /// Called when a team's archive has all there is of a session.
    private let archived = Mutex<@Sendable (SessionID) -> Void>({ _ in })
    /// Called when somebody comes to watch a live session, or goes.
    private let watched = Mutex<@Sendable (SessionID, _ joined: [String], _ left: [String]) -> Void>({ _, _, _ in })

    init(home: ArchiveHome, logger: Logger) {
        self.home = home
        self.logger = logger
        logins = BrokerLogins(home.logins)
    }

    /// Resumes what earlier agents shared. The index must be up to date.
    func begin(
        archive: ArchiveService, archived: @escaping @Sendable (SessionID) -> Void,
        watched: @escaping @Sendable (SessionID, _ joined: [String], _ left: [String]) -> Void
    ) {
        state.withLock { $0.archive = archive }
        self.archived.withLock { $0 = archived }
        self.watched.withLock { $0 = watched }
        do {
            let known = logins.read()
            for session in try ArchiveReader(home: home).sharedSessions() {
                let place = try BrokerPlace(session.broker, virtualHost: session.virtualHost)
                let destination: Destination = session.reach == .live ? .live(place) : .team(place)
                guard let login = known[place] else {
                    logger.error("session \(session.session.short) goes to \(place), and no login for it is known")
                    continue
                }
                try share(session.session, to: destination, login: login, floors: session.floors)
            }
        } catch {
            logger.error("what was shared before is not resumed: \(error)")
        }
    }

    /// Where a session goes.
    func destination(of session: SessionID) -> Destination {
        state.withLock { $0.destinations[session] } ?? .local
    }

    /// Sends a session on from now on, with what the archive has of it.
    ///
    /// - Parameters:
    ///   - login: the broker's URL with user and password; nil: the one that is known.
    ///   - floors: of these sources only what comes after the batch.
    /// - Throws: `DestinationError`; `CocoaError` if the login cannot be kept for the next agent.
    func share(
        _ session: SessionID, to destination: Destination, login: String?, floors: [SourceID: UInt64] = [:]
    ) throws {
        guard let place = destination.broker else { return }
        let text: String
        if let login {
            text = login
        } else if let known = logins.read()[place] {
            text = known
        } else {
            throw DestinationError(.noBroker, "no login for \(place) is known; give it with --broker URL")
        }
        let broker = try BrokerLogin(text)
        guard broker.place == place else {
            throw DestinationError(.otherBroker, "this session goes to \(place); it cannot also go to \(broker.place)")
        }
        try logins.keep(text, for: place)
        let relay = try relay(for: broker)
        let viewers = state.withLock { state in
            let before = state.destinations.updateValue(destination, forKey: session)
            state.floors.merge(floors) { max($0, $1) }
            // Who watches already comes to watch this one as well, once.
            return destination.reach == .live && before != destination ? state.viewers[place] ?? [] : []
        }
        relay.share(session, isLive: destination.reach == .live, floors: floors)
        if !viewers.isEmpty { watched.withLock { $0 }(session, viewers, []) }
    }

    /// Nothing more of a session leaves, from this moment on.
    func unshare(_ session: SessionID) {
        let relay = state.withLock { state -> Relay? in
            let place = state.destinations.removeValue(forKey: session)?.broker
            return place.flatMap { state.relays[$0] }
        }
        relay?.unshare(session)
    }

    /// Batches that were just committed.
    func committed(_ batches: [CheckedBatch]) {
        let relays = state.withLock { Array($0.relays.values) }
        for relay in relays { relay.committed(batches) }
    }

    /// Batches that their team's archive does not have yet.
    var unsent: UInt64 {
        var total: UInt64 = 0
        for status in statuses { total += status.unsent }
        return total
    }

    var statuses: [RelayStatus] {
        state.withLock { Array($0.relays.values) }.map(\.status).sorted { $0.place.description < $1.place.description }
    }

    /// Up to which batch a source may be sealed, and where a block must end; nil where anything may be.
    func limits(of source: SourceSummary) -> (watermark: UInt64?, floor: UInt64?) {
        let (relay, floor) = state.withLock { state -> (Relay?, UInt64?) in
            let place = state.destinations[source.session]?.broker
            return (place.flatMap { state.relays[$0] }, state.floors[source.id])
        }
        guard let relay else { return (nil, floor) }
        return (relay.watermark(of: source.id) ?? 0, floor)
    }

    func stop() {
        let relays = state.withLock { state in
            state.isStopped = true
            return Array(state.relays.values)
        }
        for relay in relays { relay.close() }
    }

    private func relay(for login: BrokerLogin) throws(DestinationError) -> Relay {
        let (relay, isNew) = try state.withLock { state throws(DestinationError) -> (Relay, Bool) in
            if let relay = state.relays[login.place] {
                guard relay.user == login.user else {
                    throw DestinationError(
                        .otherBroker, "sessions go to \(login.place) as \(relay.user), not as \(login.user)")
                }
                // Another password, or other files for TLS; and whoever says it again waits for no next attempt.
                defer { state.logins[login.place] = login }
                let isOther = state.logins[login.place] != login
                return (relay, isOther || relay.status.isTroubled)
            }
            let relay = Relay(
                to: login.place, user: login.user, home: home, logger: logger,
                reports: Relay.Reports(
                    watermarks: { [weak self] marks, archive in self?.remember(marks, archive) },
                    archived: { [weak self] session in self?.archived.withLock { $0 }(session) },
                    viewers: { [weak self] viewers in self?.watch(viewers, at: login.place) }))
            state.relays[login.place] = relay
            state.logins[login.place] = login
            return (relay, true)
        }
        if isNew { relay.start(Relay.Lines(to: login)) }
        return relay
    }

    private func watch(_ viewers: [String], at place: BrokerPlace) {
        let (before, sessions) = state.withLock { state in
            let before = state.viewers.updateValue(viewers, forKey: place) ?? []
            let live = state.destinations.filter { $0.value == .live(place) }.map(\.key)
            return (before, state.isStopped ? [] : live)
        }
        let joined = viewers.filter { !before.contains($0) }
        let left = before.filter { !viewers.contains($0) }
        let watched = watched.withLock { $0 }
        for session in sessions { watched(session, joined, left) }
    }

    private func remember(_ marks: [SourceID: UInt64], _ archive: Identifier) {
        let own = state.withLock { $0.archive }
        do throws(ArchiveError) {
            try own?.perform { (writer) throws(ArchiveError) in try writer.setWatermarks(marks, archive: archive) }
        } catch {
            logger.error("how far the team is was not noted: \(error)")
        }
    }
}
