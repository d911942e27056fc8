import Archive
import Delivery
import EventSchema
import Foundation
import Model
import Synchronization
import TestSupport

/// A follower in this process: everything it is told, and the state of each source now and then.
final class Joiner: Sendable {
    /// What it looked at when it joined.
    enum Start: Sendable, CaseIterable { case live, start, note, seconds }

    private struct Seen {
        var told: [SourceID: [TimedEvent]] = [:]
        var models: [SourceID: SourceModel] = [:]
        /// The state after every batch whose number is a multiple of `pace`.
        var states: [SourceID: [UInt64: ContentHash]] = [:]
        var owners: [SourceID: FollowedSource] = [:]
        var history: [SourceID: [TimedEvent]]?
        var condition = FollowCondition()
        var fault: String?
        var lost: [String] = []
    }

    /// States are compared after every so many batches of a source.
    static let pace: UInt64 = 50

    let number: Int
    let start: Start
    /// Between it and the broker.
    let line: FaultProxy
    private let login: BrokerLogin
    private let seen: Shared
    private let follower: Follower

    /// What the follower's thread writes and the campaign reads.
    private final class Shared: Sendable {
        let state = Mutex(Seen())
    }

    init(_ number: Int, _ start: Start, following user: String, _ team: TeamStage) throws {
        self.number = number
        self.start = start
        line = try FaultProxy(to: team.port)
        login = try BrokerLogin(team.url(user, port: line.port))
        let seen = Shared()
        self.seen = seen
        follower = Follower([FollowTarget(user: user)], as: login) { updates in
            seen.state.withLock { state in for update in updates { Self.take(update, &state) } }
        }
        follower.start()
    }

    func end() throws {
        let (done, follower) = (DispatchSemaphore(value: 0), follower)
        Task.detached {
            await follower.stop()
            done.signal()
        }
        if done.wait(timeout: .now() + 30) == .timedOut { throw CampaignFailure("joiner \(number) does not end") }
        line.end()
    }

    var condition: FollowCondition { seen.state.withLock { $0.condition } }
    var eventCount: Int { seen.state.withLock { $0.told.values.reduce(0) { $0 + $1.count } } }

    private static func take(_ update: FollowUpdate, _ seen: inout Seen) {
        switch update {
        case .source(let source): seen.owners[source.id] = source
        case .state(let model): seen.models[model.source] = model
        case .events(let source, let events):
            if let last = seen.told[source]?.last?.address, let first = events.first?.address, first <= last {
                seen.fault = seen.fault ?? "\(first.seq).\(first.index) of \(source) after \(last.seq).\(last.index)"
            }
            seen.told[source, default: []] += events
            for (place, timed) in events.enumerated() {
                seen.models[source, default: SourceModel(source: source)].apply(timed)
                let isLast = place + 1 == events.count || events[place + 1].address.seq != timed.address.seq
                guard isLast, timed.address.seq % pace == 0, let bytes = try? seen.models[source]?.encodedState() else {
                    continue
                }
                seen.states[source, default: [:]][timed.address.seq] = ContentHash(of: bytes)
            }
        case .late(let source, let events):
            let behind = seen.told[source]?.firstIndex { $0.address.seq > (events.last?.address.seq ?? 0) }
            seen.told[source, default: []].insert(contentsOf: events, at: behind ?? seen.told[source]?.count ?? 0)
        case .lost(let source, let seqs): seen.lost.append("\(source) \(seqs)")
        case .condition(let condition): seen.condition = condition
        case .session: break
        }
    }

    /// What lay before it joined, from the archive.
    func fetchHistory() throws {
        let (histories, login) = (follower.histories, login)
        let box = ResultBox()
        Task.detached {
            do {
                let client = try await ArchiveClient(login)
                var events: [SourceID: [TimedEvent]] = [:]
                for (source, last) in histories where last > 0 {
                    events[source.id] = try await client.events(of: source.id, through: last)
                }
                await client.close()
                box.set(.success(events))
            } catch {
                box.set(.failure(error))
            }
        }
        let events = try box.wait()
        seen.state.withLock { $0.history = events }
    }

    private final class ResultBox: Sendable {
        private let value = Mutex<Result<[SourceID: [TimedEvent]], any Error>?>(nil)
        private let done = DispatchSemaphore(value: 0)

        func set(_ result: Result<[SourceID: [TimedEvent]], any Error>) {
            value.withLock { $0 = result }
            done.signal()
        }

        func wait() throws -> [SourceID: [TimedEvent]] {
            guard done.wait(timeout: .now() + 60) == .success, let result = value.withLock({ $0 }) else {
                throw CampaignFailure("the archive's history does not come")
            }
            return try result.get()
        }
    }

    /// Whether it has everything up to these heads, what a state stepped over included.
    func has(_ heads: [SourceID: UInt64]) -> Bool {
        seen.state.withLock { seen in
            seen.condition.isLive && seen.condition.late == 0
                && heads.allSatisfy { source, head in (seen.models[source]?.seq ?? 0) >= head }
        }
    }

    /// Whether it has heard of anybody's session; one that comes when all is over follows nothing.
    var hasJoined: Bool { seen.state.withLock { !$0.owners.isEmpty } }

    /// What it lacks of these heads, as a message says it.
    func lack(_ heads: [SourceID: UInt64]) -> String {
        seen.state.withLock { seen in
            heads.filter { (seen.models[$0.key]?.seq ?? 0) < $0.value }.map { source, head in
                "\(seen.models[source]?.seq ?? 0) of \(head) of \(source)\(seen.owners[source] == nil ? ", unknown" : "")"
            }.joined(separator: "; ")
        }
    }

    /// What differs from what a person's archive has; `states` are compared with those of `other`, present from the start.
    ///
    /// - Returns: how many events and states were compared.
    func compare(with truth: [SourceID: [TimedEvent]], states other: Joiner) throws -> (events: Int, states: Int) {
        let reference = other.seen.state.withLock { $0.states }
        let mine = seen.state.withLock { $0 }
        if let fault = mine.fault { throw CampaignFailure("joiner \(number): out of order: \(fault)") }
        if !mine.lost.isEmpty { throw CampaignFailure("joiner \(number): lost \(mine.lost)") }
        var (events, states) = (0, 0)
        for (source, wanted) in truth {
            let list = (mine.history?[source] ?? []) + (mine.told[source] ?? [])
            // Without a history it begins where it joined, at the beginning of a batch.
            let skipped = mine.history == nil ? wanted.count - list.count : 0
            guard skipped >= 0, Array(wanted[skipped...]) == list else {
                throw CampaignFailure(
                    "joiner \(number) (\(start)): of source \(source) it has \(list.count) events, "
                        + "\(list.first.map { "from \($0.address.seq)" } ?? ""), not the last of \(wanted.count)")
            }
            events += list.count
            for (seq, hash) in mine.states[source] ?? [:] {
                guard let same = reference[source]?[seq] else { continue }
                guard same == hash else {
                    throw CampaignFailure("joiner \(number) (\(start)): another state after \(seq) of \(source)")
                }
                states += 1
            }
        }
        return (events, states)
    }
}
