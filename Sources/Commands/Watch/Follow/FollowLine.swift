import AMQPBridge
import Archive
import Delivery
import EventSchema
import Replay
import Synchronization
import Viewer

/// A follower and the feed of whatever shows it.
final class FollowLine: Sendable {
    private struct State {
        /// The sessions followed that have ended.
        var ended: Set<SessionID> = []
        var told = FollowCondition()
        var sources: [SourceID: FollowedSource] = [:]
        var isFetching = false
        var refusal: AMQPError?
    }

    let feed: LiveFeed
    private let login: BrokerLogin
    private let targets: [FollowTarget]
    private let state = Mutex(State())
    private let follower = Mutex<Follower?>(nil)

    init(_ targets: [FollowTarget], as login: BrokerLogin) throws {
        self.targets = targets
        self.login = login
        feed = try LiveFeed()
    }

    func start() {
        let follower = Follower(
            targets, as: login, givesUp: { [weak self] in self?.giveUp($0) }, tell: { [weak self] in self?.take($0) })
        self.follower.withLock { $0 = follower }
        follower.start()
    }

    func stop() throws {
        let follower = follower.withLock { follower in
            defer { follower = nil }
            return follower
        }
        try blocking { await follower?.stop() }
    }

    /// Why nothing can be followed; the surface has ended then.
    var refusal: AMQPError? { state.withLock { $0.refusal } }

    private func giveUp(_ reason: AMQPError) {
        state.withLock { $0.refusal = $0.refusal ?? reason }
        feed.tell(condition(nil))
    }

    /// Fetches what lay before; the feed brings it, or says why not.
    func wantHistory() {
        let isFirst = state.withLock { state in
            defer { state.isFetching = true }
            return !state.isFetching
        }
        guard isFirst, let follower = follower.withLock({ $0 }) else { return }
        let (histories, login, feed) = (follower.histories, login, feed)
        Task.detached { [weak self] in
            do {
                let client = try await ArchiveClient(login)
                var streams: [(user: String, events: [TimedEvent])] = []
                for (source, last) in histories where last > 0 {
                    streams.append((source.user, try await client.events(of: source.id, through: last)))
                }
                await client.close()
                feed.tell([.history(MergedOrder.merge(streams))])
            } catch {
                feed.tell([.failed("what was before cannot be had: \(CommandFailure(error).message)")])
                self?.state.withLock { $0.isFetching = false }
            }
        }
    }

    private func take(_ updates: [FollowUpdate]) {
        feed.tell(updates.flatMap { self.told($0) })
    }

    private func told(_ update: FollowUpdate) -> [LiveUpdate] {
        switch update {
        case .source(let source):
            state.withLock { $0.sources[source.id] = source }
            return [.source(SourceInfo(id: source.id, session: source.session, kind: source.kind, user: source.user))]
        case .session(let entry):
            guard let summary = SessionSummary(entry) else { return [] }
            if summary.closed != nil { state.withLock { _ = $0.ended.insert(summary.id) } }
            return [.session(SessionInfo(summary))] + condition(nil)
        case .state(let model): return [.state(model)]
        case .events(let source, let events):
            guard events.contains(where: { if case .sessionClosed = $0.event.body { true } else { false } }) else {
                return [.events(events)]
            }
            state.withLock { state in
                if let session = state.sources[source]?.session { state.ended.insert(session) }
            }
            return [.events(events)] + condition(nil)
        case .late(_, let events): return [.late(events)]
        case .lost: return []
        case .condition(let now): return condition(now)
        }
    }

    private func condition(_ now: FollowCondition?) -> [LiveUpdate] {
        state.withLock { state in
            if let now { state.told = now }
            let isOver = !targets.isEmpty && targets.allSatisfy { $0.session.map { state.ended.contains($0) } ?? false }
            return [
                .condition(
                    LiveCondition(
                        isLive: state.told.isLive, words: state.told.words, isOver: isOver,
                        isRefused: state.refusal != nil, late: state.told.late))
            ]
        }
    }
}

extension FollowCondition {
    /// What a person should know of it; empty where all is well.
    var words: String {
        if let unconnected {
            return unconnected == "connecting" ? "connecting" : "no connection, trying again: \(unconnected)"
        }
        if isArchiveAway {
            return missing > 0
                ? "no archive answers, \(missing) batches are missing; is `playhead serve` running?"
                : "no archive answers: what was before cannot be seen"
        }
        if hasTooMany {
            return "more than \(FollowQueue.mostSources) editors and shells at once: follow one session, not everybody"
        }
        if missing > 0 { return "\(missing) batches behind" }
        return joining > 0 ? "joining" : ""
    }
}

extension SessionInfo {
    init(_ session: SessionSummary) {
        self.init(
            id: session.id, title: session.title, workspace: session.workspace, user: session.user, host: session.host,
            started: session.first, ended: session.closed, reach: session.reach)
    }
}
