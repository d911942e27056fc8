import Archive
import EventSchema
import Foundation
import Model

/// Late join, following and reconnecting, which are one algorithm: the decisions, as a value.
///
/// What is live is held from the first moment; the archive says where each source stands; then what is held is told as
/// far as it follows without a hole, and the archive is asked for whatever a live batch or a watermark shows missing.
/// Where no archive answers, the publishers are asked for the state of their sources. Each batch of a source is told
/// once and in order, whatever the broker loses, repeats or reorders.
public struct FollowQueue: Sendable {
    /// What its owner is to do, in this order.
    public enum Action: Sendable {
        /// Ask the archive; its answer names the number.
        case ask(ArchiveRequest, number: UInt64)
        /// Ask a publisher for keyframes of a session, or of all that are live.
        case askPublisher(user: String, session: SessionID?)
        case tell(FollowUpdate)
    }

    /// How long an answer of the archive may take before it counts as away.
    static let answerTime = Duration.seconds(5)
    static let firstPatience = Duration.milliseconds(50)
    static let longestPatience = Duration.seconds(2)

    /// No more sources are followed at once.
    public static let mostSources = 4096
    /// Of what waits behind holes, of all sources together; what is more is asked for again when its turn comes.
    public static let mostHeldBytes = 64 << 20

    typealias Instant = ContinuousClock.Instant

    public let targets: [FollowTarget]
    var positions: [SourceID: FollowedPosition] = [:]
    /// Requests for what there is of a target.
    var catalogues: [UInt64: CatalogueAsked] = [:]
    /// The archive's time of what it last said there is of each target, in microseconds.
    var asOf: [Int: Int64] = [:]
    /// The targets of which the archive has said, once, what there is.
    var catalogued: Set<Int> = []
    var nextNumber: UInt64 = 1
    var isConnected = false
    var reason: String? = "connecting"
    /// Since when requests go unanswered; nil: the archive answers, or has not been asked yet.
    var awaySince: Instant?
    var askPublishersAt: Instant?
    var askCatalogueAt: Instant?
    var actions: [Action] = []
    /// There were more sources than are followed at once.
    private var hasTooMany = false
    private var told = FollowCondition()

    public init(_ targets: [FollowTarget]) { self.targets = targets }

    var isUnconnected: Bool { !isConnected }

    // MARK: What happens

    /// A connection stands: everything from now on is heard.
    public mutating func connected(now: ContinuousClock.Instant) -> [Action] {
        (isConnected, reason, awaySince) = (true, nil, nil)
        forgetRequests()
        for source in positions.keys {
            positions[source]?.notBefore = nil
            positions[source]?.patience = Self.firstPatience
        }
        askCatalogues(now)
        return finish(now)
    }

    public mutating func disconnected(_ reason: String, now: ContinuousClock.Instant) -> [Action] {
        (isConnected, self.reason) = (false, reason)
        forgetRequests()
        return finish(now)
    }

    /// A batch came live.
    public mutating func heard(
        _ batch: CheckedBatch, user: String, kind: SourceKind, now: ContinuousClock.Instant
    ) -> [Action] {
        guard covers(user, batch.session) else { return finish(now) }
        let source = FollowedSource(id: batch.source, session: batch.session, user: user, kind: kind)
        guard know(source) else { return finish(now) }
        raise(batch.source, to: batch.seq)
        // The first batch of all needs no state before it.
        if batch.seq == 1, positions[batch.source]?.head == nil {
            positions[batch.source]?.head = SourceHead(seq: 0, hash: nil)
        }
        guard let head = positions[batch.source]?.head else {
            hold(batch)
            return finish(now)
        }
        if batch.seq > head.seq {
            if let events = positions[batch.source]?.take(batch) {
                tell(events, of: batch.source)
            } else {
                hold(batch)
            }
        }
        return finish(now)
    }

    /// A publisher told the state of one of its sources.
    public mutating func heard(_ keyframe: PublishedKeyframe, now: ContinuousClock.Instant) -> [Action] {
        guard covers(keyframe.source.user, keyframe.source.session), know(keyframe.source) else { return finish(now) }
        let id = keyframe.source.id
        raise(id, to: keyframe.head.seq)
        // The archive's word comes first, as long as it answers: it has the batches, not only the state.
        let isNew = positions[id]?.head == nil
        if isNew || (awaySince != nil && keyframe.head.seq > positions[id]?.head?.seq ?? 0) {
            stand(id, at: keyframe.head, keyframe.model)
        }
        return finish(now)
    }

    /// The archive says how far it has a session's sources.
    public mutating func heard(_ message: WatermarkMessage, now: ContinuousClock.Instant) -> [Action] {
        guard covers(message.user, message.session) else { return finish(now) }
        for (source, head) in message.heads {
            if positions[source] == nil {
                // Its kind is not known yet; it is only shown.
                _ = know(FollowedSource(id: source, session: message.session, user: message.user, kind: .unspecified))
            }
            raise(source, to: head.seq)
            positions[source]?.notBefore = nil
        }
        return finish(now)
    }

    /// Time passed.
    public mutating func wake(now: ContinuousClock.Instant) -> [Action] {
        var isLate = false
        for (number, asked) in catalogues where asked.deadline <= now {
            catalogues[number] = nil
            isLate = true
        }
        for (source, position) in positions {
            guard let request = position.request, request.deadline <= now else { continue }
            positions[source]?.request = nil
            isLate = true
        }
        if isLate, awaySince == nil { awaySince = now }
        return finish(now)
    }

    /// Every batch that lies before what was told of each source.
    public var histories: [(source: FollowedSource, last: UInt64)] {
        positions.values.compactMap { position in base[position.source.id].map { (position.source, $0) } }
    }

    /// How much waits behind holes, in bytes.
    public var heldBytes: Int { positions.values.reduce(0) { $0 + $1.heldBytes } }

    /// Where the first state of each source stood.
    private(set) var base: [SourceID: UInt64] = [:]

    // MARK: Decisions

    private func covers(_ user: String, _ session: SessionID) -> Bool {
        targets.contains { $0.covers(user, session) }
    }

    /// Whether the source is followed: one that was another person's or of another session before is not believed.
    mutating func know(_ source: FollowedSource) -> Bool {
        guard let known = positions[source.id]?.source else {
            guard positions.count < Self.mostSources else {
                hasTooMany = true
                return false
            }
            var position = FollowedPosition(source)
            position.isNew = targets.indices.contains {
                catalogued.contains($0) && targets[$0].covers(source.user, source.session)
            }
            positions[source.id] = position
            actions.append(.tell(.source(source)))
            return true
        }
        return known.user == source.user && known.session == source.session
    }

    private mutating func hold(_ batch: CheckedBatch) {
        guard heldBytes + batch.encoded.count <= Self.mostHeldBytes else { return }
        positions[batch.source]?.hold(batch)
    }

    /// Batches of the source up to `seq` exist; no source has more than 2⁶³.
    mutating func raise(_ source: SourceID, to seq: UInt64) {
        let seq = min(seq, UInt64(Int64.max) - 1)
        if let known = positions[source]?.known, known < seq { positions[source]?.known = seq }
    }

    mutating func tell(_ events: [TimedEvent], of source: SourceID) {
        let more = positions[source]?.drain() ?? []
        if base[source] == nil { base[source] = 0 }
        guard !events.isEmpty || !more.isEmpty else { return }
        // Effective time never goes back inside a source.
        var newest = positions[source]?.newest ?? .distantPast
        let told = (events + more).map { timed in
            var timed = timed
            newest = max(newest, timed.time)
            timed.time = newest
            return timed
        }
        positions[source]?.newest = newest
        actions.append(.tell(.events(source, told)))
    }

    mutating func stand(_ source: SourceID, at head: SourceHead, _ model: SourceModel) {
        // Where it stood before, what lies between comes later and is no history.
        if base[source] == nil { base[source] = positions[source]?.head?.seq ?? head.seq }
        positions[source]?.stand(at: head)
        if let newest = positions[source]?.newest, newest < model.time { positions[source]?.newest = model.time }
        actions.append(.tell(.state(model)))
        tell([], of: source)
    }

    private mutating func forgetRequests() {
        catalogues = [:]
        for source in positions.keys { positions[source]?.request = nil }
    }

    /// Asks for what is missing, and says how it stands.
    mutating func finish(_ now: Instant) -> [Action] {
        if isConnected { askWhatIsMissing(now) }
        var condition = FollowCondition()
        condition.unconnected = reason
        condition.isArchiveAway = awaySince != nil
        condition.hasTooMany = hasTooMany
        for position in positions.values {
            if !position.isJoined { condition.joining += 1 }
            condition.missing = condition.missing.addingUpToMost(position.missing)
            for skipped in position.skipped {
                condition.late = condition.late.addingUpToMost(skipped.upperBound - skipped.lowerBound + 1)
            }
        }
        if !catalogues.isEmpty, awaySince == nil { condition.joining += 1 }
        if condition != told {
            told = condition
            actions.append(.tell(.condition(condition)))
        }
        defer { actions = [] }
        return actions
    }

    /// When `wake` must come at the latest.
    public var nextWake: ContinuousClock.Instant? {
        var times = catalogues.values.map(\.deadline)
        for position in positions.values {
            if let request = position.request { times.append(request.deadline) }
            if !position.isComplete || !position.skipped.isEmpty, let time = position.notBefore { times.append(time) }
        }
        times += [askPublishersAt, askCatalogueAt].compactMap { $0 }
        return isConnected ? times.min() : nil
    }
}

extension UInt64 {
    /// The sum, or the largest number.
    fileprivate func addingUpToMost(_ other: UInt64) -> UInt64 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}
